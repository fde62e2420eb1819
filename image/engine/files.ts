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
 * @returns paths relative to `top`, sorted; below `node_modules` and folders that begin with a dot only
 *   when the glob itself names them.
 * @param who  Who asks, for the message: the recipe's file and field.
 * @throws {FilesError} when a glob matches nothing.
 */
export function findFiles(top: string, globs: readonly string[], who = 'sources'): Found {
  const files = new Set<string>()
  const folders = new Set<string>()
  for (const glob of globs.filter(glob => !glob.startsWith('!'))) {
    const fits = picomatch(glob, {
      ignore: globs.filter(g => g.startsWith('!')).map(g => g.slice(1)),
    })
    let hits = 0
    const { base, isGlob } = picomatch.scan(glob)
    const take = (path: string) => {
      files.add(path)
      hits++
    }
    if (isGlob) {
      if (existsSync(join(top, base))) visit(base, fits, take)
    } else if (statSync(join(top, glob), { throwIfNoEntry: false })?.isFile()) take(glob)
    if (hits === 0)
      throw new FilesError(`${who}: ${glob} matches no file of the checkout: correct the glob`)
  }
  return { files: [...files].sort(), folders: [...folders].sort() }

  function visit(
    folder: string,
    fits: (path: string) => boolean,
    take: (path: string) => void,
  ): void {
    folders.add(folder)
    for (const entry of readdirSync(join(top, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) visit(path, fits, take)
      } else if (fits(path)) take(path)
    }
  }
}
