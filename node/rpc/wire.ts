/**
 * One connection: frames in and out, messages checked and counted, streams served. What is left,
 * well-formed calls, answers and notices, goes to and comes from `vscode-jsonrpc`.
 *
 * The side that serves stops reading while too many of its answers have not been taken, so that a
 * peer that asks and never reads costs a bounded amount of memory. The side that calls never stops
 * reading: two that wait for each other would wait for ever.
 */
import { Socket } from 'node:net'
import type { Duplex, Readable, Writable } from 'node:stream'
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message as AnyMessage,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node'
import { RpcError } from './error.ts'
import { chunkFrame, FrameReader, messageFrame } from './frames.ts'
import { guard, type Guarded, type Id } from './guard.ts'
import type { Limits } from './limits.ts'
import { failureOf } from './failure.ts'
import { Streams } from './streams.ts'

/** A connection's two directions; a socket is both. */
export type Pipe = { readonly input: Readable; readonly output: Writable }

export function pipeOf(duplex: Duplex): Pipe {
  return { input: duplex, output: duplex }
}

export type WireOptions = {
  readonly limits: Limits
  readonly side: 'serves' | 'calls'
  /**
   * Sees each call in its turn, before any frame behind it; what it throws is the answer. `params` is
   * the very object that the call is made with later.
   */
  readonly onCall?: (method: string, params: object) => void
  /** The peer sends nothing any more; answers may still be written. */
  readonly onInputEnd: () => void
  /** Nothing goes either way any more; the error is what was wrong. */
  readonly onClose: (error: RpcError) => void
}

export class Wire {
  readonly reader: MessageReader
  readonly writer: MessageWriter
  readonly streams: Streams
  readonly #pipe: Pipe
  readonly #options: WireOptions
  readonly #frames: FrameReader
  /** Ids of calls whose answer has not been taken by the peer; true when cancelled. */
  readonly #calls = new Map<string, boolean>()
  #deliver: DataCallback = () => {}
  #onAnswered = () => {}
  #unflushed = 0
  #timer: NodeJS.Timeout | undefined
  #drained: Promise<void> | undefined
  #closed = false

  constructor(pipe: Pipe, options: WireOptions) {
    this.#pipe = pipe
    this.#options = options
    this.#frames = new FrameReader(options.limits)
    this.reader = new Reader(deliver => this.#listen(deliver))
    this.writer = new Writer(message => this.#message(message))
    this.streams = new Streams(options.limits, {
      chunk: (id, bytes) => this.#chunk(id, bytes),
      notice: (method, params) => void this.#message({ jsonrpc: '2.0', method, params }),
    })
  }

  /** Resolves when the answers to all calls have been taken. */
  answered(): Promise<void> {
    return new Promise(resolve => {
      this.#onAnswered = resolve
      if (this.#calls.size === 0) resolve()
    })
  }

  /** Ends the connection at once; for an error of framing the peer is told first. */
  close(error: RpcError): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    this.streams.dropAll(error)
    const { input, output } = this.#pipe
    input.removeAllListeners('data')
    input.resume()
    output.end()
    // A peer that does not take what is still to be written shall not keep the connection.
    const cut = setTimeout(() => {
      output.destroy()
      input.destroy()
    }, 1000)
    cut.unref()
    output.once('finish', () => {
      clearTimeout(cut)
      // What was written to a stream of this process may not have been read yet.
      if ((input as unknown) !== output || output instanceof Socket) input.destroy()
    })
    this.#options.onClose(error)
  }

  #listen(deliver: DataCallback): Disposable {
    this.#deliver = deliver
    const { input, output } = this.#pipe
    input.on('data', (bytes: Uint8Array) => this.#bytes(bytes))
    input.once('end', () => {
      clearTimeout(this.#timer)
      if (!this.#closed) this.#options.onInputEnd()
    })
    const gone = () => this.close(new RpcError('RPC_CLOSED', 'the other side ended the connection'))
    for (const end of new Set<Readable | Writable>([input, output])) {
      end.on('error', gone)
      // An input that has ended closes by itself, and answers may still go out.
      end.once('close', () => (end === output || !input.readableEnded) && gone())
    }
    return { dispose() {} }
  }

  #bytes(bytes: Uint8Array): void {
    try {
      for (const frame of this.#frames.push(bytes)) {
        if (this.#closed) return
        this.#stopTimer()
        if (frame.kind === 'chunk') this.streams.onChunk(frame.stream, frame.bytes)
        else this.#guarded(guard(frame.body, this.#options.limits))
      }
      this.#watchFrame()
    } catch (error) {
      this.#broken(error)
    }
  }

  /** A frame that was begun has to end in time, but not while nobody reads it. */
  #watchFrame(): void {
    const waiting = this.#frames.partial && !this.#pipe.input.isPaused()
    if (!waiting) return this.#stopTimer()
    const { frameMs } = this.#options.limits
    this.#timer ??= setTimeout(
      () => this.#broken(new RpcError('RPC_FRAME_SLOW', `a frame took longer than ${frameMs} ms`)),
      frameMs,
    )
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #broken(error: unknown): void {
    if (!(error instanceof RpcError)) throw error
    if (this.#options.side === 'serves') this.#refuse(null, error)
    this.close(error)
  }

  #guarded(guarded: Guarded): void {
    const serves = this.#options.side === 'serves'
    if ('refused' in guarded) {
      if (!serves) throw guarded.refused
      return this.#refuse(guarded.id, guarded.refused)
    }
    const { message, raw } = guarded
    if (message.kind === 'call') {
      const refused = this.#mayCall(message)
      if (refused) return this.#refuse(message.id, refused)
      this.#calls.set(String(message.id), false)
    } else if (message.kind === 'notice') {
      if (this.streams.onNotice(message.method, message.params)) return
      if (serves && !this.#mayCancel(message)) return
    } else if (serves) return
    else if (message.id === null) {
      const { data, message: text = '' } = message.error ?? {}
      throw new RpcError('RPC_FAILED', text, (data as { code?: string } | undefined)?.code)
    }
    this.#deliver(raw as AnyMessage)
  }

  #mayCall({ id, method, params }: { id: Id; method: string; params: object }) {
    const { onCall, limits } = this.#options
    if (!onCall) throw new RpcError('RPC_MESSAGE', 'the side that serves does not call')
    try {
      // The library takes 1 and "1" for the same.
      if (this.#calls.has(String(id)))
        throw new RpcError('RPC_ID_TWICE', `the call ${JSON.stringify(id)} still runs`)
      if (this.#calls.size >= limits.calls)
        throw new RpcError(
          'RPC_BUSY',
          `${limits.calls} calls are under way, the most: wait for one`,
        )
      onCall(method, params)
      return undefined
    } catch (error) {
      if (error instanceof RpcError) return error
      throw error
    }
  }

  /** Only the first cancelling of a call that runs goes on; a side that serves takes no other notice. */
  #mayCancel({ method, params }: { method: string; params?: object }): boolean {
    const id = (params as { id?: unknown } | undefined)?.id
    if (method !== '$/cancelRequest' || (typeof id !== 'string' && typeof id !== 'number'))
      return false
    if (this.#calls.get(String(id)) !== false) return false
    this.#calls.set(String(id), true)
    return true
  }

  /** An answer to what never became a call. */
  #refuse(id: Id | null, error: RpcError): void {
    this.#write(answerFrame({ jsonrpc: '2.0', id, error: failureOf(error) }), () => {})
  }

  async #message(message: object): Promise<void> {
    const { id, method } = message as { id?: Id; method?: string }
    let frame = answerFrame(message)
    if (frame[1].length > this.#options.limits.messageBytes) {
      const error = new RpcError('RPC_INTERNAL', 'the answer is too large for one message')
      if (method !== undefined) throw new RpcError('RPC_PARAMS', 'the call is too large')
      frame = answerFrame({ jsonrpc: '2.0', id: id ?? null, error: failureOf(error) })
    }
    await new Promise<void>(resolve => this.#write(frame, resolve))
    if (method === undefined && id !== undefined) this.#calls.delete(String(id))
    if (this.#calls.size === 0) this.#onAnswered()
  }

  #write(frame: readonly [Uint8Array, Uint8Array], done: () => void): void {
    const { output, input } = this.#pipe
    if (this.#closed || output.writableEnded || output.destroyed) return done()
    const { side, limits } = this.#options
    const counted = side === 'serves'
    if (counted && ++this.#unflushed > limits.calls) input.pause()
    output.cork()
    output.write(frame[0])
    output.write(frame[1], () => {
      if (counted && --this.#unflushed <= limits.calls && input.isPaused()) {
        input.resume()
        this.#watchFrame()
      }
      done()
    })
    output.uncork()
  }

  async #chunk(id: number, bytes: Uint8Array): Promise<void> {
    const { output } = this.#pipe
    if (this.#closed || output.writableEnded || output.destroyed) return
    const [start, body] = chunkFrame(id, bytes)
    output.cork()
    output.write(start)
    const room = output.write(body)
    output.uncork()
    if (!room) await this.#drain()
  }

  #drain(): Promise<void> {
    const { output } = this.#pipe
    return (this.#drained ??= new Promise<void>(resolve => {
      const done = () => {
        output.off('drain', done).off('close', done)
        this.#drained = undefined
        resolve()
      }
      output.once('drain', done).once('close', done)
    }))
  }
}

function answerFrame(message: object): [Uint8Array, Uint8Array] {
  return messageFrame(Buffer.from(JSON.stringify(message)))
}

class Reader extends AbstractMessageReader implements MessageReader {
  readonly #listen: (deliver: DataCallback) => Disposable
  constructor(listen: (deliver: DataCallback) => Disposable) {
    super()
    this.#listen = listen
  }
  listen(deliver: DataCallback): Disposable {
    return this.#listen(deliver)
  }
}

class Writer extends AbstractMessageWriter implements MessageWriter {
  readonly #write: (message: object) => Promise<void>
  constructor(write: (message: object) => Promise<void>) {
    super()
    this.#write = write
  }
  write(message: AnyMessage): Promise<void> {
    return this.#write(message)
  }
  end(): void {}
}
