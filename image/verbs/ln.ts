/** Makes a symbolic link, with the folders above it. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'ln TARGET LINK',
  about: 'makes a symbolic link; the target is kept as written; an older file there is replaced',
  run({ args, cwd }) {
    const [target, link, ...extra] = args
    if (target === undefined || link === undefined || extra.length > 0)
      throw new Error(`found ${args.length} arguments, expected: ln TARGET LINK`)
    const path = resolve(cwd, link)
    mkdirSync(dirname(path), { recursive: true })
    rmSync(path, { force: true })
    symlinkSync(target, path)
    return Promise.resolve()
  },
}
