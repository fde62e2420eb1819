/** A folder of its own for a test, with short ways to put things into it. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type Folder = {
  readonly path: string
  at(...names: string[]): string
  file(name: string, text?: string, mode?: number): string
  link(name: string, target: string): void
  read(name: string): string
  end(): void
}

export function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'bt-engine-'))
  const at = (...names: string[]) => join(path, ...names)
  const above = (name: string) => mkdirSync(dirname(at(name)), { recursive: true })
  return {
    path,
    at,
    file(name, text = name, mode = 0o644) {
      above(name)
      writeFileSync(at(name), text)
      chmodSync(at(name), mode)
      return at(name)
    },
    link(name, target) {
      above(name)
      symlinkSync(target, at(name))
    },
    read: name => readFileSync(at(name), 'utf8'),
    end: () => rmSync(path, { recursive: true, force: true }),
  }
}
