/** The files of the web app as the server holds them: bytes, media type, entity tag. */
import { createHash } from 'node:crypto'
import { extname } from 'node:path'

export type Asset = {
  readonly body: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly etag: string
}

/** By path: `/`, `/app.js`. */
export type Assets = ReadonlyMap<string, Asset>

/** The web app's files. `index.html` is served as `/`. */
export const ASSET_NAMES = ['index.html', 'app.css', 'app.js', 'icon.svg'] as const

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** @param read  gives the bytes of a name of {@link ASSET_NAMES}. */
export async function loadAssets(
  read: (name: string) => Uint8Array | Promise<Uint8Array>,
): Promise<Assets> {
  const assets = new Map<string, Asset>()
  for (const name of ASSET_NAMES) {
    const body = new Uint8Array(await read(name))
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22)
    assets.set(name === 'index.html' ? '/' : `/${name}`, {
      body,
      type: TYPES[extname(name)]!,
      etag: `"${hash}"`,
    })
  }
  return assets
}
