/**
 * Licence texts of an image: `licenses/` of the root recipe's output. `NAME/copyright` for each
 * package, as Debian lays them out below `usr/share/doc`, and `common-licenses/` with the texts that
 * those files refer to as `/usr/share/common-licenses/…`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Texts = {
  /** Path of the text of a package below the folder; null when there is none. */
  find(name: string): string | null
  /** @param path  As {@link find} gives it. */
  read(path: string): string
}

/** @param folder  The folder `licenses`. */
export function openTexts(folder: string): Texts {
  return {
    find(name) {
      const path = `${name}/copyright`
      return existsSync(join(folder, path)) ? path : null
    },
    read: path => readFileSync(join(folder, path), 'utf8'),
  }
}
