/**
 * Frames: what goes over a connection, as the Language Server Protocol's base protocol has it.
 *
 * Layout: header lines, each ended by CR LF; an empty line; the body.
 * `Content-Length: N`, the body's bytes, at most 7 digits. `Content-Type` says what the body is: when
 * missing or `application/vscode-jsonrpc` a message in JSON; `application/vnd.blocktree.stream` bytes
 * of a stream: its id (u32, big-endian) | up to 64 KiB. No other headers.
 */
import { RpcError } from './error.ts'
import type { Limits } from './limits.ts'

export type Frame =
  | { readonly kind: 'message'; readonly body: Uint8Array }
  | { readonly kind: 'chunk'; readonly stream: number; readonly bytes: Uint8Array }

type Head = { readonly kind: Frame['kind']; readonly length: number }

const STREAM_TYPE = 'application/vnd.blocktree.stream'
const MESSAGE_TYPE = /^application\/vscode-jsonrpc(?:; *charset=utf-?8)?$/i
const END = Buffer.from('\r\n\r\n')
const ID_BYTES = 4

/** Takes bytes as they come and gives frames; holds at most one that is not complete. */
export class FrameReader {
  readonly #limits: Limits
  /** A header that has not ended yet. */
  #start: Uint8Array = new Uint8Array()
  #head: Head | undefined
  /** A body that has not ended yet: made at once, so that bytes sent one by one cost no more. */
  #body: Uint8Array | undefined
  #filled = 0
  /** The stream of a frame whose bytes are being read, and how many are missing. */
  #stream: number | undefined
  #left = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** True in the middle of a frame. */
  get partial(): boolean {
    return this.#start.length > 0 || this.#head !== undefined
  }

  /**
   * Messages that `bytes` complete, and bytes of streams as they come: a frame of a stream may be given
   * in several parts. All may share the memory of `bytes`.
   *
   * @throws {RpcError} `RPC_FRAME_HEADER`, `RPC_FRAME_SIZE`; nothing can be read after that.
   */
  *push(bytes: Uint8Array): Generator<Frame> {
    let rest = bytes
    while (rest.length > 0) {
      if (this.#head === undefined) {
        const after = this.#readHead(rest)
        if (after === undefined) return
        rest = after
      }
      const { kind } = this.#head!
      if (kind === 'message') {
        const length = this.#head!.length
        const part = rest.subarray(0, length - this.#filled)
        const body = this.#bodyWith(part, length)
        if (body === undefined) return
        this.#head = undefined
        yield { kind, body }
        rest = rest.subarray(part.length)
        continue
      }
      if (this.#stream === undefined) {
        const part = rest.subarray(0, ID_BYTES - this.#filled)
        const id = this.#bodyWith(part, ID_BYTES)
        if (id === undefined) return
        this.#stream = Buffer.from(id).readUInt32BE(0)
        this.#left = this.#head!.length - ID_BYTES
        rest = rest.subarray(part.length)
      }
      const part = rest.subarray(0, this.#left)
      const stream = this.#stream
      this.#left -= part.length
      if (this.#left === 0) this.#head = this.#stream = undefined
      if (part.length > 0) yield { kind, stream, bytes: part }
      rest = rest.subarray(part.length)
    }
  }

  /** Reads to the end of the header; what follows it, or undefined when it is not complete. */
  #readHead(bytes: Uint8Array): Uint8Array | undefined {
    const all =
      this.#start.length === 0
        ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
        : Buffer.concat([this.#start, bytes])
    const most = this.#limits.headerBytes
    const end = all.subarray(0, most + END.length).indexOf(END)
    if (end < 0 && all.length >= most + END.length)
      throw new RpcError('RPC_FRAME_HEADER', `the header of a frame has more than ${most} bytes`)
    if (end < 0) {
      this.#start = Uint8Array.from(all)
      return undefined
    }
    this.#start = new Uint8Array()
    this.#head = head(all.toString('latin1', 0, end), this.#limits)
    return all.subarray(end + END.length)
  }

  /** The whole body, when `part` completes it. */
  #bodyWith(part: Uint8Array, length: number): Uint8Array | undefined {
    const whole = part.length === length
    if (!whole) {
      this.#body ??= new Uint8Array(length)
      this.#body.set(part, this.#filled)
      this.#filled += part.length
      if (this.#filled < length) return undefined
    }
    const body = whole ? part : this.#body!
    this.#body = undefined
    this.#filled = 0
    return body
  }
}

function head(text: string, limits: Limits): Head {
  const fields = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const [, name, value] = /^([A-Za-z-]+): ?(.*)$/.exec(line) ?? []
    const known = name?.toLowerCase()
    if (known !== 'content-length' && known !== 'content-type')
      throw new RpcError(
        'RPC_FRAME_HEADER',
        `found ${JSON.stringify(line.slice(0, 40))}, expected Content-Length or Content-Type`,
      )
    if (fields.has(known)) throw new RpcError('RPC_FRAME_HEADER', `${name} is there twice`)
    fields.set(known, value!)
  }
  const type = fields.get('content-type')
  const kind = type?.toLowerCase() === STREAM_TYPE ? 'chunk' : 'message'
  if (kind === 'message' && type !== undefined && !MESSAGE_TYPE.test(type))
    throw new RpcError('RPC_FRAME_HEADER', `Content-Type ${JSON.stringify(type)} is not known`)
  const digits = fields.get('content-length') ?? ''
  if (!/^\d{1,20}$/.test(digits))
    throw new RpcError('RPC_FRAME_HEADER', `Content-Length is ${JSON.stringify(digits)}, no number`)
  const most = kind === 'message' ? limits.messageBytes : limits.chunkBytes + ID_BYTES
  const length = Number(digits)
  if (length > most || length < (kind === 'chunk' ? ID_BYTES : 1))
    throw new RpcError('RPC_FRAME_SIZE', `a body of ${digits} bytes is announced, at most ${most}`)
  return { kind, length }
}

/** The parts of a message's frame, to be written one after the other. */
export function messageFrame(body: Uint8Array): [Uint8Array, Uint8Array] {
  return [Buffer.from(`Content-Length: ${body.length}\r\n\r\n`, 'latin1'), body]
}

/** The parts of a frame with bytes of the stream `id`. */
export function chunkFrame(id: number, bytes: Uint8Array): [Uint8Array, Uint8Array] {
  const lines = `Content-Length: ${bytes.length + ID_BYTES}\r\nContent-Type: ${STREAM_TYPE}\r\n\r\n`
  const start = Buffer.alloc(lines.length + ID_BYTES)
  start.write(lines, 'latin1')
  start.writeUInt32BE(id, lines.length)
  return [start, bytes]
}
