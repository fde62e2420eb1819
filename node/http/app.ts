/**
 * What is answered where. `GET /` and its files: the web app; `GET /api/status`: {@link Status};
 * `GET /healthz`: 200 when the node can tell its status, for watchdogs. Nothing here changes
 * anything, so only GET and HEAD are taken.
 */
import { Hono, type Context } from 'hono'
import type { Status } from '../status/status.ts'
import type { Assets } from './assets.ts'
import { secureHeaders } from './headers.ts'
import { isOwnHost } from './host.ts'

export type Parts = {
  readonly assets: Assets
  status(): Status
}

/** The HTTP application; it answers any method and path, with a reason when the answer is no. */
export function createApp({ assets, status }: Parts): Hono {
  const app = new Hono({ strict: true })
  app.use(secureHeaders)

  app.use(async (c, next) => {
    const { name } = status()
    const asked = [c.req.header('host') ?? '', new URL(c.req.url).host]
    if (!asked.every(host => isOwnHost(host, name)))
      return refuse(c, 421, `This device answers to its address, ${name} and ${name}.local only.`)
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      c.header('Allow', 'GET, HEAD')
      return refuse(c, 405, 'Only GET and HEAD are understood here.')
    }
    if (hasBody(c)) {
      c.header('Connection', 'close')
      return refuse(c, 413, 'A request here has no body.')
    }
    return next()
  })

  app.get('/api/status', c => c.json(status(), 200, { 'Cache-Control': 'no-store' }))
  app.get('/healthz', c => {
    const { version } = status()
    return c.json({ healthy: true, version }, 200, { 'Cache-Control': 'no-store' })
  })

  for (const [path, { body, type, etag }] of assets) {
    // `no-cache` lets a browser keep the file but ask each time: after an update the page and its
    // script are of one version.
    const headers = { 'Content-Type': type, 'Cache-Control': 'no-cache', ETag: etag }
    app.get(path, c =>
      matches(c.req.header('if-none-match'), etag)
        ? c.body(null, 304, headers)
        : c.body(body, 200, { ...headers, 'Content-Length': String(body.length) }),
    )
  }

  app.notFound(c => refuse(c, 404, 'There is nothing at this address.'))
  app.onError((_error, c) => refuse(c, 500, 'Something went wrong on this device.'))
  return app
}

function refuse(c: Context, status: 404 | 405 | 413 | 421 | 500, reason: string): Response {
  return c.text(`${reason}\n`, status, { 'Cache-Control': 'no-store' })
}

function hasBody(c: Context): boolean {
  const length = c.req.header('content-length') ?? '0'
  return length !== '0' || c.req.header('transfer-encoding') !== undefined
}

/** RFC 9110, 13.1.2: a list of tags or `*`; `W/` does not matter here. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some(tag => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
}
