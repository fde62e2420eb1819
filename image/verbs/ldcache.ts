import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { resolveInside } from '../elf/inside.ts'
import { writeLdCache } from '../elf/ldcache.ts'
import { findLibraries } from '../elf/libraries.ts'
import type { Verb } from './verb.ts'

/** What `ldconfig -r` does, for any architecture and without being root. */
export const verb: Verb = {
  usage: 'ldcache ROOT',
  about: 'writes etc/ld.so.cache of a tree, and links that libraries lack to their names',

  async run({ args, cwd, print }) {
    const [folder, ...extra] = args
    if (!folder || extra.length > 0) throw new Error(`usage: ${verb.usage}`)
    const root = resolve(cwd, folder)
    if (!existsSync(root)) throw new Error(`there is no folder ${folder}`)
    const libraries = findLibraries(root)
    if (libraries.length === 0) throw new Error(`${folder} has no shared library where they belong`)
    for (const { soname, path, file, linked } of libraries) {
      if (linked) continue
      symlinkSync(file, join(root, resolveInside(root, dirname(path))!, soname))
      print(`${path} -> ${file}`)
    }
    mkdirSync(join(root, 'etc'), { recursive: true })
    writeFileSync(join(root, 'etc/ld.so.cache'), writeLdCache(libraries))
    print(`${libraries.length} libraries`)
  },
}
