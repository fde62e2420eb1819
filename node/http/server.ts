/**
 * The HTTP server: one `node:http` server for each listening socket, with bounds on everything a
 * stranger can make it hold, and an end that lets running answers finish.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PROTECTIONS, refuse, type Answer, type App } from './answer.ts'
import { limitGuests } from './guests.ts'
import type { Place } from './place.ts'

export class ListenError extends Error {
  readonly code: 'LISTEN_TAKEN' | 'LISTEN_FAILED'
  constructor(code: ListenError['code'], message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'ListenError'
    this.code = code
  }
}

const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  /** Longer than the page's polling interval, so that a page keeps its connection. */
  keepAliveTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
} as const
const IDLE_SOCKET_MS = 30_000
const MAX_HEADERS = 64

export type Listening = {
  /** Where it really listens, in the order of the places. */
  readonly addresses: readonly AddressInfo[]
  /** Takes no more connections, waits at most `graceMs` for running answers, then cuts them. */
  close(graceMs: number): Promise<void>
}

/**
 * Starts to answer at all places, or at none.
 *
 * @throws {ListenError} `LISTEN_TAKEN` another program listens there; `LISTEN_FAILED` anything else,
 *   e.g. no such address here, or a port below 1024 without the privilege.
 */
export async function serve(app: App, places: readonly Place[]): Promise<Listening> {
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void answer(app, request, response)
  const servers = places.map(() => createServer(LIMITS, listener).setTimeout(IDLE_SOCKET_MS))
  servers.forEach(server => (server.maxHeadersCount = MAX_HEADERS))
  limitGuests(servers)
  try {
    for (const [index, place] of places.entries()) await listen(servers[index]!, place)
  } catch (error) {
    await closeAll(servers, 0)
    throw error
  }
  return {
    addresses: servers.map(server => server.address() as AddressInfo),
    close: graceMs => closeAll(servers, graceMs),
  }
}

async function answer(app: App, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url: target = '', headers } = request
  let said: Answer
  try {
    said = await app({ method, target, headers })
  } catch {
    said = refuse(500, 'Something went wrong on this device.')
  }
  // Node leaves the body away by itself where there is none: HEAD, 304.
  const body = typeof said.body === 'string' ? Buffer.from(said.body) : said.body
  const length = said.status === 304 ? {} : { 'Content-Length': String(body.length) }
  response.writeHead(said.status, { ...PROTECTIONS, ...said.headers, ...length }).end(body)
}

function listen(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(explain(error, place)))
    server.listen(place, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function explain(error: NodeJS.ErrnoException, place: Place): ListenError {
  const at = 'fd' in place ? `descriptor ${place.fd}` : `${place.host}:${place.port}`
  if (error.code === 'EADDRINUSE')
    return new ListenError(
      'LISTEN_TAKEN',
      `another program listens on ${at} already; end it or choose another place with --listen`,
      error,
    )
  return new ListenError('LISTEN_FAILED', `cannot listen on ${at}: ${error.message}`, error)
}

async function closeAll(servers: readonly Server[], graceMs: number): Promise<void> {
  const closed = servers
    .filter(server => server.listening)
    .map(server => new Promise<void>(resolve => server.close(() => resolve())))
  const cut = () => servers.forEach(server => server.closeAllConnections())
  if (graceMs <= 0) cut()
  const timer = setTimeout(cut, graceMs)
  // A connection whose last answer ends meanwhile would be kept for the next request.
  const sweep = setInterval(() => servers.forEach(server => server.closeIdleConnections()), 50)
  await Promise.all(closed)
  clearTimeout(timer)
  clearInterval(sweep)
}
