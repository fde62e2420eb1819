/**
 * The shared libraries of a tree as ldconfig sees them: in every library folder the files and links
 * whose names look like libraries, by the name they were linked with (SONAME). Of several files of
 * one name a real file goes before a link, then the higher version.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { withFile } from '../disk/bytes.ts'
import { ElfError, isElf, readElf, type Elf } from './elf.ts'
import { kindInside, resolveInside } from './inside.ts'
import { libraryFolders } from './library-folders.ts'
import { compareNames } from './library-order.ts'

export type Library = {
  /** Name by which programs need it. */
  readonly soname: string
  /** Absolute inside the tree: the folder as configured, and `soname`. */
  readonly path: string
  readonly machine: Elf['machine']
  /** Name of the file that holds it; a link from `soname` to it is missing when `linked` is false. */
  readonly file: string
  readonly linked: boolean
}

/** Lists the libraries of a tree, folder after folder, names sorted. */
export function findLibraries(root: string): Library[] {
  return libraryFolders(root).flatMap(folder => folderLibraries(root, folder))
}

function folderLibraries(root: string, folder: string): Library[] {
  const found = new Map<string, { name: string; isLink: boolean; machine: Elf['machine'] }>()
  const real = join(root, resolveInside(root, folder)!)
  for (const item of readdirSync(real, { withFileTypes: true })) {
    if (!item.isFile() && !item.isSymbolicLink()) continue
    const { name } = item
    if (!looksLikeLibrary(name)) continue
    const elf = sharedObject(root, `${folder}/${name}`)
    if (elf === undefined) continue
    const wanted = elf.soname ?? name
    // A link is taken for what it is called when that is the SONAME, or the name for linkers.
    const isLink =
      item.isSymbolicLink() &&
      (name === wanted || (name.endsWith('.so') && wanted.startsWith(name)))
    const soname = isLink ? name : wanted
    const other = found.get(soname)
    if (other && !(other.isLink && !isLink)) {
      if (other.isLink !== isLink || compareNames(other.name, name) >= 0) continue
    }
    found.set(soname, { name, isLink, machine: elf.machine })
  }
  return [...found]
    .map(([soname, { name, machine }]) => ({
      soname,
      path: `${folder}/${soname}`,
      machine,
      file: name,
      linked: kindInside(root, `${folder}/${soname}`) === 'file',
    }))
    .sort((a, b) => (a.soname < b.soname ? -1 : 1))
}

function looksLikeLibrary(name: string): boolean {
  return /^(lib.*|ld-.*|ld|ld64)\.so/.test(name) && !name.endsWith('-gdb.py')
}

function sharedObject(root: string, path: string): Elf | undefined {
  if (kindInside(root, path) !== 'file') return undefined
  return withFile(join(root, resolveInside(root, path)!), file => {
    // Linker scripts have such names too.
    if (!isElf(file)) return undefined
    try {
      const elf = readElf(file)
      return elf.type === 'shared' ? elf : undefined
    } catch (error) {
      if (error instanceof ElfError && error.code === 'ELF_UNSUPPORTED') return undefined
      if (error instanceof ElfError) throw new ElfError(error.code, `${path}: ${error.message}`)
      throw error
    }
  })
}
