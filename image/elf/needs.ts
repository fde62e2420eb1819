/**
 * Where the loader finds what an object needs, by the rules of ld.so(8) for a program without
 * LD_LIBRARY_PATH: RPATH of the object and of those that loaded it (when it has no RUNPATH), its
 * RUNPATH, the cache, the standard folders. A library for another machine is passed over, as the
 * loader does.
 */
import { dirname } from 'node:path'
import { resolveInside } from './inside.ts'
import type { Elf } from './elf.ts'
import { findLibraries } from './libraries.ts'
import { BUILT_IN, libraryFolders } from './library-folders.ts'

/** An object with its path, and those by which it was loaded, the nearest first. */
export type Loaded = {
  readonly path: string
  readonly elf: Elf
  readonly loadedBy?: Loaded
}

export type Finder = {
  /** Path inside the tree, links followed, of what `object` gets for `name`. */
  find(object: Loaded, name: string): string | undefined
}

/**
 * @param root   real folder of the tree.
 * @param elves  all ELF files of it by path, see `findPrograms`.
 */
export function finder(root: string, elves: ReadonlyMap<string, Elf>): Finder {
  const cache = new Map<string, string[]>()
  for (const { soname, path } of findLibraries(root))
    cache.set(soname, [...(cache.get(soname) ?? []), path])
  const standard = libraryFolders(root).filter(folder => BUILT_IN.includes(folder))

  const fits = (path: string, machine: Elf['machine']) => {
    const real = resolveInside(root, path)
    const elf = real === undefined ? undefined : elves.get(real)
    return elf?.type === 'shared' && elf.machine === machine ? real : undefined
  }

  return {
    find(object, name) {
      const { machine, noDefaultLibraries } = object.elf
      const candidates = name.includes('/')
        ? [expand(name, object)]
        : [
            ...pathsOf(object).map(folder => `${folder}/${name}`),
            ...(noDefaultLibraries ? [] : (cache.get(name) ?? [])),
            ...(noDefaultLibraries ? [] : standard.map(folder => `${folder}/${name}`)),
          ]
      for (const path of candidates) {
        const found = path.startsWith('/') ? fits(path, machine) : undefined
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

/** Folders from RPATH or RUNPATH, in the order they are searched. */
function pathsOf(object: Loaded): string[] {
  if (object.elf.runpath.length > 0) return object.elf.runpath.map(path => expand(path, object))
  const folders: string[] = []
  for (let at: Loaded | undefined = object; at !== undefined; at = at.loadedBy) {
    if (at.elf.runpath.length > 0) continue
    for (const path of at.elf.rpath) folders.push(expand(path, at))
  }
  return folders
}

/** `$ORIGIN`, `$LIB` and `$PLATFORM` as Debian's loader replaces them. */
function expand(path: string, { path: file, elf }: Loaded): string {
  const lib = `lib/${elf.machine}-linux-gnu`
  const values: Record<string, string> = { ORIGIN: dirname(file), LIB: lib, PLATFORM: elf.machine }
  return path.replaceAll(
    /\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM))/g,
    (_, braced: string | undefined, plain: string | undefined) => values[(braced ?? plain)!]!,
  )
}

/**
 * Everything a program pulls in, as the loader does: breadth first, each name once.
 *
 * @returns paths of the libraries by the name that was asked for, and what could not be found.
 */
export function closure(
  find: Finder['find'],
  elves: ReadonlyMap<string, Elf>,
  program: string,
): { libraries: Map<string, string>; missing: { name: string; by: string }[] } {
  const libraries = new Map<string, string>()
  const missing: { name: string; by: string }[] = []
  const asked = new Set<string>()
  const queue: Loaded[] = [{ path: program, elf: elves.get(program)! }]
  for (let object = queue.shift(); object !== undefined; object = queue.shift()) {
    if (object.elf.soname !== undefined) asked.add(object.elf.soname)
    for (const name of object.elf.needed) {
      if (asked.has(name)) continue
      asked.add(name)
      const path = find(object, name)
      if (path === undefined) missing.push({ name, by: object.path })
      else {
        libraries.set(name, path)
        queue.push({ path, elf: elves.get(path)!, loadedBy: object })
      }
    }
  }
  return { libraries, missing }
}
