/**
 * Checkouts and caches of a bench's own, so that nothing it builds or changes is seen by others: the
 * sources stay those of the real cache (a bench of building is none of downloading).
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BUILD, CACHE, REPO } from '../../image/paths.ts'
import { run } from '../../image/spawn.ts'

/** A folder of its own, on the disk that builds are made on; remove it with {@link removed}. */
export function folder(): string {
  mkdirSync(join(BUILD, 'bench'), { recursive: true })
  return mkdtempSync(join(BUILD, 'bench', 'run-'))
}

/** Variables of a build with an empty cache in `folder`; only what was fetched is there. */
export function emptyCache(folder: string): NodeJS.ProcessEnv {
  const [cache, build] = [join(folder, 'cache'), join(folder, 'build')]
  mkdirSync(cache, { recursive: true })
  for (const name of ['downloads', 'apt']) {
    mkdirSync(join(CACHE, name), { recursive: true })
    symlinkSync(join(CACHE, name), join(cache, name))
  }
  // What image/bt tells the `bt` that this runs in is not for others.
  const { BT_FRESH: _, BT_STALE: __, BT_REPO: ___, ...env } = process.env
  return { ...env, BT_CACHE: cache, BT_BUILD: build }
}

/** The same for this checkout, whose `bt` is there already. */
export function emptyCacheHere(folder: string): NodeJS.ProcessEnv {
  const env = emptyCache(folder)
  cpSync(join(BUILD, 'bt'), join(env['BT_BUILD']!, 'bt'), { recursive: true })
  return env
}

/** Copies the checkout as it is now, with changes that are not committed; packages are linked. */
export async function copyCheckout(to: string): Promise<void> {
  const { stdout } = await run('git', ['-C', REPO, 'ls-files', '-z'])
  for (const path of stdout.toString().split('\0')) {
    if (path === '' || !existsSync(join(REPO, path))) continue
    mkdirSync(dirname(join(to, path)), { recursive: true })
    cpSync(join(REPO, path), join(to, path), { verbatimSymlinks: true })
  }
  symlinkSync(join(REPO, 'node_modules'), join(to, 'node_modules'))
}

export function removed(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
