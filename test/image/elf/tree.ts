/** A folder of files for a test: path to contents, mode, or the target of a link. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'

/** A buffer or text is a file (text an executable one), `-> x` a link to x, `dir` a folder. */
export type Files = Readonly<Record<string, Buffer | string>>

/** Makes the files in a new folder that goes away after the tests. */
export function tree(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'tree-'))
  after(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, what] of Object.entries(files)) {
    const full = join(root, path)
    mkdirSync(dirname(full), { recursive: true })
    if (what === 'dir') mkdirSync(full)
    else if (typeof what === 'string' && what.startsWith('-> ')) symlinkSync(what.slice(3), full)
    else {
      writeFileSync(full, what)
      chmodSync(full, 0o755)
    }
  }
  return root
}
