/**
 * Where the web app's files come from: out of the executable, or, when run from source, from the
 * folder `node/web`, its script bundled on the spot.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getAsset, isSea } from 'node:sea'

declare const BLOCKTREE_VERSION: string | undefined

/** Bytes of `index.html`, `app.js` … */
export async function readAsset(name: string): Promise<Uint8Array> {
  if (typeof BLOCKTREE_VERSION === 'string') {
    if (!isSea()) throw new Error('web assets are only in the executable, this is its bare bundle')
    return new Uint8Array(getAsset(`web/${name}`))
  } else {
    const web = join(import.meta.dirname, '..', 'web')
    if (!name.endsWith('.js')) return readFile(join(web, name))
    const { build } = await import('esbuild')
    const { outputFiles } = await build({
      entryPoints: [join(web, name.replace(/\.js$/, '.ts'))],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      tsconfigRaw: {},
      logLevel: 'silent',
    })
    return outputFiles[0]!.contents
  }
}
