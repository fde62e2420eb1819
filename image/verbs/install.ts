/** Copies files with a given mode, making the folders above them. */
import { chmodSync, copyFileSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { within } from '../engine/within.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'install MODE FILE… TARGET',
  about: 'copies files with a mode such as 0644; a TARGET that ends with / is a folder',
  run(call) {
    const { args, cwd } = call
    const [mode, ...paths] = args
    const target = paths.pop()
    if (mode === undefined || target === undefined || paths.length === 0)
      throw new Error(`found ${args.length} arguments, expected: install MODE FILE… TARGET`)
    if (!/^[0-7]{3,4}$/.test(mode)) throw new Error(`mode is ${mode}, expected octal like 0644`)
    if (paths.length > 1 && !target.endsWith('/'))
      throw new Error(`several files need a folder: end ${target} with /`)
    for (const path of paths) {
      const to = within(call, target.endsWith('/') ? join(target, basename(path)) : target)
      if (!statSync(resolve(cwd, path), { throwIfNoEntry: false })?.isFile())
        throw new Error(`${path} is no file`)
      if (statSync(to, { throwIfNoEntry: false })?.isDirectory())
        throw new Error(`${target} is a folder: end it with / to install into it`)
      mkdirSync(dirname(to), { recursive: true })
      // Not through a link that is there, and not into a file that others share.
      rmSync(to, { force: true })
      copyFileSync(resolve(cwd, path), to)
      chmodSync(to, Number.parseInt(mode, 8))
    }
    return Promise.resolve()
  },
}
