/**
 * Where a checkout finds what it built: `build/<board>/<variant>/`, links into the cache and the
 * reports, and a note in the cache (`roots/`) that keeps the garbage collection away from what the
 * links lead to.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../recipes/recipe.ts'
import { alive, me } from './engine/alive.ts'
import { writeAtomic } from './engine/atomic.ts'
import type { Cache } from './engine/cache.ts'
import { sha256, type Digest } from './engine/digest.ts'

/** Beginning of the name of a link before it takes its place; the rest is who makes it. */
const NEXT = '.next-'

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

/**
 * Every name leads to the old or the new file at any time, also when two builds publish at once.
 *
 * @param reports  Texts by file name.
 */
export function publish(
  cache: Cache,
  folder: string,
  trees: ReadonlyMap<string, Digest>,
  reports: ReadonlyMap<string, string>,
): void {
  const targets = new Map<string, string>()
  for (const name of PUBLISHED) {
    const digest = trees.get(name)
    if (digest === undefined) continue
    for (const file of readdirSync(cache.tree(digest)))
      targets.set(file, join(cache.tree(digest), file))
  }
  const root = { folder, trees: [...trees.values()] }
  writeAtomic(join(cache.folder, 'roots', `${sha256(folder)}.json`), JSON.stringify(root))
  mkdirSync(folder, { recursive: true })
  const next = join(folder, `${NEXT}${me}`)
  for (const [file, target] of targets) {
    symlinkSync(target, next)
    renameSync(next, join(folder, file))
  }
  for (const [file, text] of reports) writeAtomic(join(folder, file), text)
  for (const file of readdirSync(folder)) {
    const others = file.startsWith(NEXT) && alive(file.slice(NEXT.length))
    if (!targets.has(file) && !reports.has(file) && !others)
      rmSync(join(folder, file), { force: true, recursive: true })
  }
}
