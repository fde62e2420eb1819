/** Calls a node: over its socket, over pipes, or in the same process. */
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
} from 'vscode-jsonrpc/node'
import { RpcError } from './error.ts'
import { errorOf } from './failure.ts'
import { LIMITS, type Limits } from './limits.ts'
import type { Method, Notices, Params, Results } from './protocol.ts'
import { Wire, type Pipe } from './wire.ts'

/** Parameters of a method that moves bytes; the client picks the stream. */
type Bulk<M extends Method> = Omit<Params<M>, 'stream'>
type Options = { readonly signal?: AbortSignal | undefined }
type WithProgress = Options & {
  readonly onProgress?: ((done: number, step: string | undefined) => void) | undefined
}

export class Client {
  readonly #wire: Wire
  readonly #connection: MessageConnection
  readonly #watches = new Map<number, (change: Notices['watch.changed']) => void>()
  readonly #progress = new Map<number, NonNullable<WithProgress['onProgress']>>()
  readonly #ended = Promise.withResolvers<RpcError>()
  #error: RpcError | undefined
  #next = 1

  constructor(pipe: Pipe, limits: Limits = LIMITS) {
    this.#wire = new Wire(pipe, {
      limits,
      side: 'calls',
      onInputEnd: () =>
        this.#wire.close(new RpcError('RPC_CLOSED', 'the node ended the connection')),
      onClose: error => {
        this.#error = error
        this.#connection.dispose()
        this.#ended.resolve(error)
      },
    })
    this.#connection = createMessageConnection(this.#wire.reader, this.#wire.writer, undefined)
    this.#connection.onNotification('watch.changed', (change: Notices['watch.changed']) =>
      this.#watches.get(change.watch)?.(change),
    )
    this.#connection.onNotification('progress', ({ progress, done, step }: Notices['progress']) =>
      this.#progress.get(progress)?.(done, step),
    )
    this.#connection.listen()
  }

  /** Resolves when the connection is over, with why. */
  get ended(): Promise<RpcError> {
    return this.#ended.promise
  }

  /**
   * @throws {RpcError} what the node refused the call for (`RPC_FAILED` with its `reason`, or a code of
   *   its own), or `RPC_CLOSED`.
   */
  async call<M extends Method>(
    method: M,
    params: Params<M>,
    { signal }: Options = {},
  ): Promise<Results[M]> {
    signal?.throwIfAborted()
    if (this.#error) throw this.#error
    const source = new CancellationTokenSource()
    const cancel = () => source.cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await this.#connection.sendRequest<Results[M]>(method, params, source.token)
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw this.#error ?? errorOf(error)
    } finally {
      signal?.removeEventListener('abort', cancel)
      source.dispose()
    }
  }

  /** A call that tells how far it is. */
  async long<M extends 'check' | 'access.reseal'>(
    method: M,
    params: Omit<Params<M>, 'progress'>,
    { signal, onProgress }: WithProgress = {},
  ): Promise<Results[M]> {
    const progress = this.#next++
    if (onProgress) this.#progress.set(progress, onProgress)
    try {
      return await this.call(method, { ...params, progress } as unknown as Params<M>, { signal })
    } finally {
      this.#progress.delete(progress)
    }
  }

  /** The bytes of a file as they come; who stops iterating stops the node. Returns what was read. */
  async *read(
    params: Bulk<'file.read'>,
    { signal }: Options = {},
  ): AsyncGenerator<Uint8Array, Results['file.read'], void> {
    const stream = this.#next++
    const stop = new AbortController()
    const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
    const incoming = this.#wire.streams.receive(stream)
    const answer = this.call('file.read', { ...params, stream }, { signal: either })
    answer.catch((error: Error) => incoming.stop(error))
    try {
      yield* incoming
      return await answer
    } finally {
      stop.abort()
      this.#wire.streams.drop(stream)
    }
  }

  /** Writes a file; it is there, whole, when this resolves. A `source` that throws leaves it as it was. */
  async write(
    params: Bulk<'file.write'>,
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    { signal }: Options = {},
  ): Promise<Results['file.write']> {
    const stream = this.#next++
    const stop = new AbortController()
    const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
    const outgoing = this.#wire.streams.send(stream)
    const answer = this.call('file.write', { ...params, stream }, { signal: either })
    const pump = async () => {
      for await (const bytes of source) await outgoing.write(bytes)
      outgoing.end()
    }
    try {
      answer.catch((error: Error) => outgoing.stop(error))
      await Promise.race([pump(), answer])
      return await answer
    } catch (error) {
      stop.abort(error)
      throw await answer.then(
        () => error,
        (refused: unknown) => (refused === stop.signal.reason ? error : refused),
      )
    } finally {
      this.#wire.streams.drop(stream)
    }
  }

  /** Tells of changes until `signal` is aborted. Resolves then, and fails when the node ends it. */
  async watch(
    path: string,
    onChange: (change: Notices['watch.changed']) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const watch = this.#next++
    this.#watches.set(watch, onChange)
    try {
      await this.call('watch.open', { path, watch }, { signal })
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      this.#watches.delete(watch)
    }
  }

  /** Ends the connection; calls under way fail with `RPC_CLOSED`. */
  close(): void {
    this.#wire.close(new RpcError('RPC_CLOSED', 'the connection was closed'))
  }
}
