/** Which release this is. The bundler writes it in; from source it is that of `package.json`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

declare const BLOCKTREE_VERSION: string | undefined

/** Semver, as `blocktree --version` prints it and the status page shows it. */
export const VERSION: string =
  typeof BLOCKTREE_VERSION === 'string' ? BLOCKTREE_VERSION : fromPackage()

function fromPackage(): string {
  const file = join(import.meta.dirname, '..', 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
