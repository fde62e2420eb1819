/**
 * Which Debian package a file of a tree came from: `.packages/NAME.json` at the top of the tree, one
 * for each package that was unpacked into it, with what `packages.json` says of it and `files`, the
 * paths that it ships (no folders, sorted). Some of them may have been removed since.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { KnownPackage } from './package.ts'

export type OwnedPackage = KnownPackage & { readonly files: readonly string[] }

const FOLDER = '.packages'

/**
 * Writes the lists of the packages that `packages.json` beside them names; others have none.
 *
 * @param tree  The folder they were unpacked into.
 * @param shipped  Paths in it, by the file of the package, `…/NAME.deb`.
 */
export function writeOwned(tree: string, shipped: ReadonlyMap<string, readonly string[]>): void {
  const folders = new Set([...shipped.keys()].map(file => dirname(file)))
  for (const folder of folders) {
    const list = join(folder, 'packages.json')
    if (!existsSync(list)) continue
    for (const known of JSON.parse(readFileSync(list, 'utf8')) as KnownPackage[]) {
      const files = shipped.get(join(folder, `${known.name}.deb`))
      if (files === undefined) continue
      mkdirSync(join(tree, FOLDER), { recursive: true })
      const owned: OwnedPackage = { ...known, files }
      writeFileSync(join(tree, FOLDER, `${known.name}.json`), `${JSON.stringify(owned)}\n`)
    }
  }
}

/** What was unpacked into a tree, sorted by name; empty when no package was. */
export function readOwned(tree: string): OwnedPackage[] {
  const folder = join(tree, FOLDER)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).sort()
  return names.map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as OwnedPackage)
}
