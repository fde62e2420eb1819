/** Why a message, a call or a stream is refused. */

/**
 * | code | what is wrong |
 * |---|---|
 * | `RPC_FRAME_HEADER`, `RPC_FRAME_SIZE`, `RPC_FRAME_SLOW` | a header that is none or too long; a body too large; a frame begun and not ended in time. Where the next frame begins is lost, so the connection ends |
 * | `RPC_JSON`, `RPC_DEEP`, `RPC_MESSAGE` | not JSON in UTF-8; nested too deep; not a message of JSON-RPC 2.0 |
 * | `RPC_METHOD`, `RPC_PARAMS` | a method that is not known; parameters it does not take |
 * | `RPC_BUSY`, `RPC_ID_TWICE` | too many calls, streams or connections at once; the id of a call that still runs |
 * | `RPC_TIMEOUT`, `RPC_CANCELLED` | the call took too long; the caller gave up |
 * | `RPC_STREAM` | bytes that nobody asked for: beyond the credit, or for a stream that has ended |
 * | `RPC_CLOSED` | the connection ended before the answer |
 * | `RPC_FAILED` | the other side could not do it; `reason` is its own code |
 * | `RPC_INTERNAL` | a mistake in the program |
 * | `RPC_SOCKET` | nobody listens, or nobody can, on the socket |
 */
export type RpcCode =
  | 'RPC_FRAME_HEADER'
  | 'RPC_FRAME_SIZE'
  | 'RPC_FRAME_SLOW'
  | 'RPC_JSON'
  | 'RPC_DEEP'
  | 'RPC_MESSAGE'
  | 'RPC_METHOD'
  | 'RPC_PARAMS'
  | 'RPC_BUSY'
  | 'RPC_ID_TWICE'
  | 'RPC_TIMEOUT'
  | 'RPC_CANCELLED'
  | 'RPC_STREAM'
  | 'RPC_CLOSED'
  | 'RPC_FAILED'
  | 'RPC_INTERNAL'
  | 'RPC_SOCKET'

export class RpcError extends Error {
  readonly code: RpcCode
  /** The code the other side had, as `TREE_MISSING`; else the same as `code`. */
  readonly reason: string
  constructor(code: RpcCode, message: string, reason: string = code) {
    super(message)
    this.name = 'RpcError'
    this.code = code
    this.reason = reason
  }
}
