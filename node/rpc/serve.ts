/** Serves one connection: calls come in, the service does them, answers and notices go out. */
import { createMessageConnection, ResponseError, type CancellationToken } from 'vscode-jsonrpc/node'
import { RpcError } from './error.ts'
import { failureOf, isMistake } from './failure.ts'
import { LIMITS, type Limits } from './limits.ts'
import { isMethod, readParams } from './params.ts'
import { METHODS, type Call, type Method, type Service } from './protocol.ts'
import type { Receiver, Sender } from './streams.ts'
import { Wire, type Pipe } from './wire.ts'

export type ServeOptions = {
  readonly limits?: Limits
  /** When the caller sends nothing any more: calls that run are aborted, or get their answers. */
  readonly atEnd?: 'abort' | 'answer'
  /** Mistakes of the program, with their stack, and connections that ended for a reason. */
  readonly log?: (event: string, detail: string) => void
}

export type Served = {
  /** Resolves when the connection is closed and no call runs any more. */
  readonly ended: Promise<void>
  /** Ends the connection; what runs is aborted. */
  close(): void
}

/** A call whose turn has not come yet; its stream is open already, as frames of it may follow. */
type Ready = {
  readonly name: Method
  readonly params: unknown
  readonly incoming: Receiver | undefined
  readonly outgoing: Sender | undefined
  readonly drop: (error?: Error) => void
}

/** Answers calls until the other side ends the connection. */
export function serve(pipe: Pipe, service: Service, options: ServeOptions = {}): Served {
  const { limits = LIMITS, log = () => {}, atEnd = 'abort' } = options
  const ready = new WeakMap<object, Ready>()
  const running = new Map<Promise<unknown>, { name: Method; abort: AbortController }>()
  let inputEnded = false
  let done = () => {}
  const ended = new Promise<void>(resolve => (done = resolve))
  const settled = async () => {
    while (running.size > 0) await Promise.allSettled([...running.keys()])
  }
  const wire = new Wire(pipe, {
    limits,
    side: 'serves',
    onCall(name, given) {
      if (!isMethod(name)) throw new RpcError('RPC_METHOD', `there is no method ${name}`)
      // A call whose caller did not wait for its end runs on for a while.
      if (running.size >= limits.calls)
        throw new RpcError('RPC_BUSY', `${running.size} calls are under way, that is the most`)
      const params = readParams(name, given)
      const { bulk }: Shape = METHODS[name]
      const { stream = 0 } = params as { stream?: number }
      ready.set(given, {
        name,
        params,
        outgoing: bulk === 'out' ? wire.streams.send(stream) : undefined,
        incoming: bulk === 'in' ? wire.streams.receive(stream) : undefined,
        drop: error => bulk && wire.streams.drop(stream, error),
      })
    },
    onInputEnd() {
      if (atEnd === 'abort') return wire.close(gone())
      wire.streams.dropReceivers(gone())
      inputEnded = true
      for (const { name, abort } of running.values())
        if (ENDLESS.includes(name)) abort.abort(gone())
      void wire.answered().then(() => wire.close(gone()))
    },
    onClose(error) {
      if (error.code !== 'RPC_CLOSED') log(error.code, error.message)
      for (const { abort } of running.values()) abort.abort(error)
      void settled().then(() => {
        connection.dispose()
        done()
      })
    },
  })
  const connection = createMessageConnection(wire.reader, wire.writer, undefined)

  connection.onRequest(async (_: string, given, token: CancellationToken) => {
    const call = ready.get(given as object)!
    const abort = new AbortController()
    const { signal } = abort
    const cancel = () => abort.abort(new RpcError('RPC_CANCELLED', 'the caller gave up'))
    signal.addEventListener('abort', () => call.drop(signal.reason as Error))
    // The library never tells of a call that was cancelled before its turn came.
    if (token.isCancellationRequested) cancel()
    if (inputEnded && ENDLESS.includes(call.name)) abort.abort(gone())
    token.onCancellationRequested(cancel)
    try {
      signal.throwIfAborted()
      const work = perform(call, abort)
      running.set(work, { name: call.name, abort })
      work.catch(() => {}).finally(() => running.delete(work))
      return await untilAborted(work, signal)
    } catch (caught) {
      const error: unknown = signal.aborted ? signal.reason : caught
      if (isMistake(error)) log('RPC_INTERNAL', (error as Error)?.stack ?? String(error))
      const { code, message, data } = failureOf(error)
      throw new ResponseError(code, message, data)
    }
  })

  async function perform(call: Ready, abort: AbortController): Promise<unknown> {
    const { name, params, incoming, outgoing } = call
    const late = () =>
      abort.abort(new RpcError('RPC_TIMEOUT', `${name} took longer than ${limits.callMs} ms`))
    const timer = (METHODS[name] as Shape).long ? undefined : setTimeout(late, limits.callMs)
    const notice = (method: string, about: object) => connection.sendNotification(method, about)
    try {
      const { signal } = abort
      const given = { signal, incoming, outgoing, notice } as unknown as Call
      const result = await run(service, name, params, given)
      outgoing?.end()
      return result
    } finally {
      clearTimeout(timer)
      call.drop()
    }
  }

  connection.listen()
  return { ended, close: () => wire.close(new RpcError('RPC_CLOSED', 'the node ends')) }
}

type Shape = { readonly bulk?: 'in' | 'out'; readonly long?: true }

/** Methods that answer only when they are cancelled. */
const ENDLESS: readonly string[] = ['watch.open'] satisfies Method[]

function gone(): RpcError {
  return new RpcError('RPC_CLOSED', 'the caller ended the connection')
}

function run(service: Service, name: Method, params: unknown, call: Call): Promise<unknown> {
  return (service[name] as (params: unknown, call: Call) => Promise<unknown>)(params, call)
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
