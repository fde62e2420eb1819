/**
 * What is answered where. `GET /` and its files: the web app; `GET /api/status`: {@link Status};
 * `GET /healthz`: 200 when the node can tell its status, for watchdogs. Nothing here changes
 * anything, so only GET and HEAD are taken.
 */
import type { Status } from '../status/status.ts'
import { json, refuse, type Answer, type App, type Asked } from './answer.ts'
import type { Asset, Assets } from './assets.ts'
import { isOwnHost } from './host.ts'

export type Parts = {
  readonly assets: Assets
  status(): Status
}

export function createApp({ assets, status }: Parts): App {
  return asked => {
    const place = placeOf(asked)
    if (!place) return refuse(400, 'This is no address.')
    const { name, version } = status()
    if (!place.hosts.every(host => isOwnHost(host, name)))
      return refuse(421, `This device answers to its address, ${name} and ${name}.local only.`)
    if (asked.method !== 'GET' && asked.method !== 'HEAD')
      return refuse(405, 'Only GET and HEAD are understood here.', { Allow: 'GET, HEAD' })
    if (hasBody(asked)) return refuse(413, 'A request here has no body.', { Connection: 'close' })
    if (place.path === '/api/status') return json(status())
    if (place.path === '/healthz') return json({ healthy: true, version })
    const asset = assets.get(place.path)
    return asset ? serveAsset(asset, asked) : refuse(404, 'There is nothing at this address.')
  }
}

/** The path, and every host that the request claims to mean: its target may name one as well. */
function placeOf({ target, headers }: Asked): { path: string; hosts: string[] } | undefined {
  const host = typeof headers['host'] === 'string' ? headers['host'] : ''
  if (target.startsWith('/')) return { path: target.split('?', 1)[0]!, hosts: [host] }
  if (!URL.canParse(target)) return undefined
  const url = new URL(target)
  return { path: url.pathname, hosts: [host, url.host] }
}

function hasBody({ headers }: Asked): boolean {
  return (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined
}

function serveAsset({ body, type, etag }: Asset, { headers }: Asked): Answer {
  // `no-cache` lets a browser keep the file but ask each time: after an update the page and its
  // script are of one version.
  const kept = { 'Cache-Control': 'no-cache', ETag: etag }
  return matches(headers['if-none-match'], etag)
    ? { status: 304, headers: kept, body: '' }
    : { status: 200, headers: { ...kept, 'Content-Type': type }, body }
}

/** RFC 9110, 13.1.2: a list of tags or `*`; `W/` does not matter here. */
function matches(header: string | string[] | undefined, etag: string): boolean {
  const tags = typeof header === 'string' ? header.split(',') : []
  return tags.some(tag => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
}
