/** What one connection may ask of a node; a peer that wants more is refused, never waited for. */

export type Limits = {
  /** Bytes of a frame's header, of a message in JSON, of a stream's frame without its id. */
  readonly headerBytes: number
  readonly messageBytes: number
  readonly chunkBytes: number
  /** Lists and objects inside each other. */
  readonly depth: number
  /** Calls under way, streams among them. */
  readonly calls: number
  readonly streams: number
  /** Bytes of a stream that may be on their way before the receiver asks for more. */
  readonly window: number
  /** From the first byte of a frame to its last, in ms. */
  readonly frameMs: number
  /** How long a call may take that is not made to be long, in ms. */
  readonly callMs: number
  readonly connections: number
}

/** Both sides of a stream have the same `window` and `chunkBytes`: they belong to the protocol. */
export const LIMITS: Limits = {
  headerBytes: 1024,
  messageBytes: 1024 * 1024,
  chunkBytes: 64 * 1024,
  depth: 32,
  calls: 64,
  streams: 16,
  window: 256 * 1024,
  frameMs: 30_000,
  callMs: 60_000,
  connections: 32,
}
