/**
 * The folders that hold a tree's shared libraries, in the order of the loader: those of
 * `etc/ld.so.conf` (ldconfig(8): a folder a line, `include GLOB`, `#` comments), then Debian's
 * built-in ones.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import picomatch from 'picomatch'
import { resolveInside } from './inside.ts'

/** The loader's own folders in Debian, per architecture: ld.so(8) with the multiarch paths. */
export const BUILT_IN: readonly string[] = [
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/lib',
  '/usr/lib',
]

const MAX_DEPTH = 8

/**
 * Lists folders that exist in the tree, as the configuration spells them; two names of one folder
 * count once, the first.
 *
 * @param root  real folder of the tree.
 */
export function libraryFolders(root: string): string[] {
  const folders = new Map<string, string>()
  for (const folder of [...confFolders(root, '/etc/ld.so.conf', 0), ...BUILT_IN]) {
    const real = resolveInside(root, folder)
    if (real !== undefined && !folders.has(real)) folders.set(real, folder)
  }
  return [...folders.values()]
}

function confFolders(root: string, path: string, depth: number): string[] {
  const real = resolveInside(root, path)
  if (real === undefined || depth > MAX_DEPTH) return []
  return readFileSync(join(root, real), 'utf8')
    .split('\n')
    .map(line => line.replace(/#.*/, '').trim())
    .filter(line => line !== '' && !line.startsWith('hwcap '))
    .flatMap(line => {
      const [word, ...rest] = line.split(/\s+/)
      if (word !== 'include') return [line.replace(/(.)\/+$/, '$1')]
      return rest
        .flatMap(glob => matching(root, glob.startsWith('/') ? glob : join(dirname(path), glob)))
        .flatMap(file => confFolders(root, file, depth + 1))
    })
}

/** Files that a glob in the last part of a path names, sorted as glob(3) does. */
function matching(root: string, glob: string): string[] {
  const folder = dirname(glob)
  const real = resolveInside(root, folder)
  if (real === undefined || !existsSync(join(root, real))) return []
  const fits = picomatch(glob.slice(folder.length).replace(/^\//, ''))
  return readdirSync(join(root, real))
    .filter(name => fits(name))
    .sort()
    .map(name => join(folder, name))
}
