/** Copies files with a given mode, making the folders above them. */
import { chmodSync, copyFileSync, mkdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'install MODE FILE… TARGET',
  about: 'copies files with a mode such as 0644; a TARGET that ends with / is a folder',
  run({ args, cwd }) {
    const [mode, ...paths] = args
    const target = paths.pop()
    if (mode === undefined || target === undefined || paths.length === 0)
      throw new Error(`found ${args.length} arguments, expected: install MODE FILE… TARGET`)
    if (!/^[0-7]{3,4}$/.test(mode)) throw new Error(`mode is ${mode}, expected octal like 0644`)
    if (paths.length > 1 && !target.endsWith('/'))
      throw new Error(`several files need a folder: end ${target} with /`)
    for (const path of paths) {
      const to = resolve(cwd, target.endsWith('/') ? join(target, basename(path)) : target)
      if (!statSync(resolve(cwd, path)).isFile()) throw new Error(`${path} is not a file`)
      mkdirSync(dirname(to), { recursive: true })
      copyFileSync(resolve(cwd, path), to)
      chmodSync(to, Number.parseInt(mode, 8))
    }
    return Promise.resolve()
  },
}
