/**
 * Streams: bulk data beside the messages of a connection, in order, with back-pressure both ways.
 *
 * The caller picks an id (u32) that no open stream of the connection has, and names it in a call; the
 * stream lives as long as the call. Whoever sends may send {@link Limits.window} bytes; the receiver
 * grants more with the notice `stream.credit {stream, bytes}` when it has used some up. The last
 * chunk is followed by `stream.end {stream}`. A stream that breaks off is a call that fails or is
 * cancelled.
 */
import { RpcError } from './error.ts'
import type { Limits } from './limits.ts'

/** Where the frames of streams go. */
export type StreamOut = {
  /** Resolves when there is room for more. */
  chunk(id: number, bytes: Uint8Array): Promise<void>
  notice(method: string, params: object): void
}

/** What a stream's receiver reads; can be iterated once. */
export type Incoming = AsyncIterable<Uint8Array>

/** What a stream's sender writes to. */
export type Outgoing = {
  /** Any number of bytes, not to be changed before this resolves and a while after. */
  write(bytes: Uint8Array): Promise<void>
}

/** Chunks smaller than this are put together: each would keep the memory it came in. */
const SMALL = 32 * 1024

/** The streams of one connection, of both directions. */
export class Streams {
  readonly #limits: Limits
  readonly #out: StreamOut
  readonly #open = new Map<number, Receiver | Sender>()

  constructor(limits: Limits, out: StreamOut) {
    this.#limits = limits
    this.#out = out
  }

  /** @throws {RpcError} `RPC_STREAM` the id is in use; `RPC_BUSY` too many are open. */
  receive(id: number): Receiver {
    return this.#add(id, new Receiver(id, this.#limits, this.#out))
  }

  /** @throws {RpcError} as {@link receive}. */
  send(id: number): Sender {
    return this.#add(id, new Sender(id, this.#limits, this.#out))
  }

  /** Ends a stream on this side; frames that are still on their way are dropped. */
  drop(id: number, error?: Error): void {
    this.#open.get(id)?.stop(error ?? new RpcError('RPC_CLOSED', 'the stream has ended'))
    this.#open.delete(id)
  }

  /** When the peer sends nothing any more. */
  dropReceivers(error: Error): void {
    for (const [id, stream] of [...this.#open]) if (stream instanceof Receiver) this.drop(id, error)
  }

  dropAll(error: Error): void {
    for (const id of [...this.#open.keys()]) this.drop(id, error)
  }

  /** @throws {RpcError} `RPC_STREAM` when nobody granted that many bytes. */
  onChunk(id: number, bytes: Uint8Array): void {
    const stream = this.#open.get(id)
    if (stream instanceof Receiver) stream.onChunk(bytes)
    else if (stream) throw new RpcError('RPC_STREAM', `stream ${id} goes the other way`)
  }

  /**
   * Takes the notices of streams.
   *
   * @returns false for other notices.
   * @throws {RpcError} `RPC_STREAM` when it makes no sense.
   */
  onNotice(method: string, params: object = {}): boolean {
    if (method !== 'stream.credit' && method !== 'stream.end') return false
    const { stream: id, bytes } = params as { stream?: unknown; bytes?: unknown }
    const stream = typeof id === 'number' ? this.#open.get(id) : undefined
    if (method === 'stream.end') {
      if (stream instanceof Receiver) stream.onEnd()
    } else if (!Number.isSafeInteger(bytes) || (bytes as number) < 1) {
      throw new RpcError('RPC_STREAM', `a credit is no number of bytes from 1`)
    } else if (stream instanceof Sender) stream.onCredit(bytes as number)
    return true
  }

  #add<S extends Receiver | Sender>(id: number, stream: S): S {
    if (this.#open.has(id)) throw new RpcError('RPC_STREAM', `stream ${id} is open already`)
    if (this.#open.size >= this.#limits.streams)
      throw new RpcError('RPC_BUSY', `${this.#limits.streams} streams are open, that is the most`)
    this.#open.set(id, stream)
    return stream
  }
}

/** Somebody waits for something to happen; at most one does. */
class Bell {
  #ring: (() => void) | undefined
  wait(): Promise<void> {
    return new Promise(resolve => (this.#ring = resolve))
  }
  ring(): void {
    this.#ring?.()
    this.#ring = undefined
  }
}

export class Receiver implements AsyncIterable<Uint8Array> {
  readonly #id: number
  readonly #limits: Limits
  readonly #out: StreamOut
  readonly #queue: { bytes: Uint8Array; used: number }[] = []
  readonly #bell = new Bell()
  #granted: number
  /** Used up, and not granted anew yet. */
  #owed = 0
  #ended = false
  #error: Error | undefined

  constructor(id: number, limits: Limits, out: StreamOut) {
    this.#id = id
    this.#limits = limits
    this.#out = out
    this.#granted = limits.window
  }

  onChunk(bytes: Uint8Array): void {
    if (bytes.length > this.#granted || this.#ended)
      throw new RpcError(
        'RPC_STREAM',
        `stream ${this.#id}: found ${bytes.length} bytes, expected at most ` +
          `${this.#ended ? 0 : this.#granted}`,
      )
    this.#granted -= bytes.length
    if (this.#error !== undefined || bytes.length === 0) return
    const last = this.#queue.at(-1)
    if (last && bytes.length <= last.bytes.length - last.used) {
      last.bytes.set(bytes, last.used)
      last.used += bytes.length
    } else if (bytes.length < SMALL) {
      const page = new Uint8Array(last ? 2 * SMALL : bytes.length)
      page.set(bytes)
      this.#queue.push({ bytes: page, used: bytes.length })
    } else this.#queue.push({ bytes, used: bytes.length })
    this.#bell.ring()
  }

  onEnd(): void {
    this.#ended = true
    this.#bell.ring()
  }

  stop(error: Error): void {
    if (!this.#ended) this.#error ??= error
    this.#bell.ring()
  }

  /** @throws {Error} what the stream was stopped with, when it had not ended. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error
      const next = this.#queue.shift()
      if (next !== undefined) {
        yield next.bytes.subarray(0, next.used)
        this.#grant(next.used)
      } else if (this.#ended) return
      else await this.#bell.wait()
    }
  }

  #grant(used: number): void {
    this.#owed += used
    if (this.#ended || this.#error !== undefined || this.#owed < this.#limits.window / 2) return
    this.#out.notice('stream.credit', { stream: this.#id, bytes: this.#owed })
    this.#granted += this.#owed
    this.#owed = 0
  }
}

export class Sender implements Outgoing {
  readonly #id: number
  readonly #limits: Limits
  readonly #out: StreamOut
  readonly #bell = new Bell()
  #credit: number
  #error: Error | undefined

  constructor(id: number, limits: Limits, out: StreamOut) {
    this.#id = id
    this.#limits = limits
    this.#out = out
    this.#credit = limits.window
  }

  onCredit(bytes: number): void {
    this.#credit += bytes
    if (this.#credit > this.#limits.window)
      throw new RpcError('RPC_STREAM', `stream ${this.#id}: more is granted than was sent`)
    this.#bell.ring()
  }

  stop(error: Error): void {
    this.#error ??= error
    this.#bell.ring()
  }

  /** @throws {Error} what the stream was stopped with. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      while (this.#credit === 0 && this.#error === undefined) await this.#bell.wait()
      if (this.#error !== undefined) throw this.#error
      const length = Math.min(bytes.length - at, this.#credit, this.#limits.chunkBytes)
      this.#credit -= length
      await this.#out.chunk(this.#id, bytes.subarray(at, at + length))
      at += length
    }
  }

  /** Says that nothing follows. */
  end(): void {
    if (this.#error === undefined) this.#out.notice('stream.end', { stream: this.#id })
    this.stop(new RpcError('RPC_CLOSED', 'the stream has ended'))
  }
}
