/** Every ELF file and every executable script of a tree, by its path inside it. */
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { withFile } from '../disk/bytes.ts'
import { ElfError, isElf, readElf, type Elf } from './elf.ts'

/** Longest first line of a script that the kernel reads (`BINPRM_BUF_SIZE`). */
const SHEBANG_BYTES = 256

export type Programs = {
  /** By absolute path inside the tree, links not followed, sorted. */
  readonly elves: ReadonlyMap<string, Elf>
  /** What stands behind `#!`, split at the first space: interpreter and its argument. */
  readonly scripts: ReadonlyMap<string, readonly [interpreter: string, argument: string]>
}

/**
 * Reads the heads of all regular files below a folder.
 *
 * @throws {ElfError} naming the file, when one starts like ELF and can't be followed.
 */
export function findPrograms(root: string): Programs {
  const elves = new Map<string, Elf>()
  const scripts = new Map<string, readonly [string, string]>()
  const visit = (folder: string) => {
    const items = readdirSync(join(root, folder), { withFileTypes: true })
    for (const item of items.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${folder}/${item.name}`
      if (item.isDirectory()) visit(path)
      else if (item.isFile()) readHead(path)
    }
  }
  const readHead = (path: string) => {
    const full = join(root, path)
    const { size, mode } = lstatSync(full)
    if (size < 2) return
    withFile(full, file => {
      if (isElf(file))
        elves.set(
          path,
          readNamed(path, () => readElf(file)),
        )
      else if (mode & 0o111 && file.read(0, 2).toString('latin1') === '#!') {
        const head = file.read(0, Math.min(size, SHEBANG_BYTES)).toString('utf8')
        const [, interpreter = '', argument = ''] = /^#![ \t]*(\S*)[ \t]*([^\n]*)/.exec(head) ?? []
        scripts.set(path, [interpreter, argument.trim()])
      }
    })
  }
  visit('')
  return { elves, scripts }
}

function readNamed(path: string, read: () => Elf): Elf {
  try {
    return read()
  } catch (error) {
    if (error instanceof ElfError) throw new ElfError(error.code, `${path}: ${error.message}`)
    throw error
  }
}
