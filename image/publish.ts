/**
 * Where a checkout finds what it built: `build/<board>/<variant>/`, links into the cache and the
 * reports, and a note in the cache (`roots/`) that keeps the garbage collection away from what the
 * links lead to.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from '../recipes/recipe.ts'
import { writeAtomic } from './engine/atomic.ts'
import type { Cache } from './engine/cache.ts'
import { sha256, type Digest } from './engine/digest.ts'

/** Recipes whose files a user looks for, later ones win where names are equal. */
const PUBLISHED = ['root', 'uki', 'image']

export function variantFolder(build: string, context: Context): string {
  const kernel = context.kernel === context.board.kernel.recipe ? '' : `-${context.kernel}`
  return join(build, context.board.name, `${context.profile}${kernel}-${context.version}`)
}

/** The files that are published, not those in folders, with their SHA-256, by name. */
export function releasedFiles(
  cache: Cache,
  trees: ReadonlyMap<string, Digest>,
): Map<string, string> {
  const entries = PUBLISHED.filter(name => trees.has(name)).flatMap(name =>
    cache.entries(trees.get(name)!),
  )
  const files = entries.filter(({ type, path }) => type === 'file' && !path.includes('/'))
  return new Map(files.map(({ path, content }) => [path, content]))
}

/** @param reports  Texts by file name. */
export function publish(
  cache: Cache,
  folder: string,
  trees: ReadonlyMap<string, Digest>,
  reports: ReadonlyMap<string, string>,
): void {
  const next = `${folder}.${process.pid}.next`
  rmSync(next, { recursive: true, force: true })
  mkdirSync(next, { recursive: true })
  for (const name of PUBLISHED) {
    const digest = trees.get(name)
    if (digest === undefined) continue
    const tree = cache.tree(digest)
    for (const file of readdirSync(tree)) {
      rmSync(join(next, file), { force: true })
      symlinkSync(join(tree, file), join(next, file))
    }
  }
  for (const [file, text] of reports) writeFileSync(join(next, file), text)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(dirname(folder), { recursive: true })
  renameSync(next, folder)
  const root = { folder, trees: [...trees.values()] }
  writeAtomic(join(cache.folder, 'roots', `${sha256(folder)}.json`), JSON.stringify(root))
}
