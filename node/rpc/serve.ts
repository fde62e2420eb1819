/** Serves one connection: calls come in, the service does them, answers and notices go out. */
import { createMessageConnection, ResponseError, type CancellationToken } from 'vscode-jsonrpc/node'
import { RpcError } from './error.ts'
import { failureOf, isMistake } from './failure.ts'
import { LIMITS, type Limits } from './limits.ts'
import { isMethod, readParams } from './params.ts'
import { METHODS, type Call, type Method, type Service } from './protocol.ts'
import { Wire, type Pipe } from './wire.ts'

export type ServeOptions = {
  readonly limits?: Limits
  /** Mistakes of the program, with their stack, and connections that ended for a reason. */
  readonly log?: (event: string, detail: string) => void
}

export type Served = {
  /** Resolves when the connection is closed and no call runs any more. */
  readonly ended: Promise<void>
  /** Ends the connection; what runs is aborted. */
  close(): void
}

/** Answers calls until the other side ends the connection; calls that run then still get answers. */
export function serve(pipe: Pipe, service: Service, options: ServeOptions = {}): Served {
  const { limits = LIMITS, log = () => {} } = options
  const running = new Map<Promise<unknown>, { name: string; abort: AbortController }>()
  let done = () => {}
  const ended = new Promise<void>(resolve => (done = resolve))
  const settled = async () => {
    while (running.size > 0) await Promise.allSettled([...running.keys()])
  }
  const wire = new Wire(pipe, {
    limits,
    side: 'serves',
    onInputEnd() {
      wire.streams.dropReceivers(gone())
      for (const { name, abort } of running.values())
        if (ENDLESS.includes(name)) abort.abort(gone())
      void settled().then(() => wire.close(gone()))
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

  connection.onRequest(async (name: string, given: unknown, token: CancellationToken) => {
    const abort = new AbortController()
    const { signal } = abort
    token.onCancellationRequested(() =>
      abort.abort(new RpcError('RPC_CANCELLED', 'the caller gave up')),
    )
    try {
      // A call whose caller did not wait for its end runs on for a while.
      if (running.size >= limits.calls)
        throw new RpcError('RPC_BUSY', `${running.size} calls are under way, that is the most`)
      const call = perform(name, given, abort)
      running.set(call, { name, abort })
      call.catch(() => {}).finally(() => running.delete(call))
      return await untilAborted(call, signal)
    } catch (caught) {
      const error: unknown = signal.aborted ? signal.reason : caught
      if (isMistake(error)) log('RPC_INTERNAL', (error as Error)?.stack ?? String(error))
      const { code, message, data } = failureOf(error)
      throw new ResponseError(code, message, data)
    }
  })

  async function perform(name: string, given: unknown, abort: AbortController): Promise<unknown> {
    if (!isMethod(name)) throw new RpcError('RPC_METHOD', `there is no method ${name}`)
    const params = readParams(name, given)
    const { bulk, long }: { bulk?: 'in' | 'out'; long?: true } = METHODS[name]
    const { signal } = abort
    const late = () =>
      abort.abort(new RpcError('RPC_TIMEOUT', `${name} took longer than ${limits.callMs} ms`))
    const timer = long ? undefined : setTimeout(late, limits.callMs)
    const id = (params as { stream?: number }).stream ?? 0
    const outgoing = bulk === 'out' ? wire.streams.send(id) : undefined
    const incoming = bulk === 'in' ? wire.streams.receive(id) : undefined
    const drop = () => bulk && wire.streams.drop(id, signal.reason as Error | undefined)
    signal.addEventListener('abort', drop)
    const notice = (method: string, about: object) => connection.sendNotification(method, about)
    try {
      const call = { signal, incoming, outgoing, notice } as unknown as Call
      const result = await run(service, name, params, call)
      outgoing?.end()
      return result
    } finally {
      clearTimeout(timer)
      drop()
    }
  }

  connection.listen()
  return { ended, close: () => wire.close(new RpcError('RPC_CLOSED', 'the node ends')) }
}

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
