/** Files of the checkout by glob, with the folders that were looked at, so that a new file is noticed. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import picomatch from 'picomatch'

export type Found = { readonly files: readonly string[]; readonly folders: readonly string[] }

export class FilesError extends Error {
  readonly code = 'FILES_NO_MATCH'
  constructor(message: string) {
    super(message)
    this.name = 'FilesError'
  }
}

/**
 * Expands globs relative to `top`; a glob with `!` in front takes files away again.
 *
 * @returns paths relative to `top`, sorted; never below `node_modules` or a folder that begins with a dot.
 * @throws {FilesError} when a glob matches nothing.
 */
export function findFiles(top: string, globs: readonly string[]): Found {
  const files = new Set<string>()
  const folders = new Set<string>()
  for (const glob of globs.filter(glob => !glob.startsWith('!'))) {
    const fits = picomatch(glob, {
      ignore: globs.filter(g => g.startsWith('!')).map(g => g.slice(1)),
    })
    const before = files.size
    const { base, isGlob } = picomatch.scan(glob)
    if (!isGlob) {
      if (existsSync(join(top, glob)) && statSync(join(top, glob)).isFile()) files.add(glob)
    } else if (existsSync(join(top, base))) visit(base, fits)
    if (files.size === before && !(!isGlob && files.has(glob)))
      throw new FilesError(`${glob} matches no file of the checkout: correct the recipe's sources`)
  }
  return { files: [...files].sort(), folders: [...folders].sort() }

  function visit(folder: string, fits: (path: string) => boolean): void {
    folders.add(folder)
    for (const entry of readdirSync(join(top, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) visit(path, fits)
      } else if (fits(path)) files.add(path)
    }
  }
}
