/** Moves a file or folder, making the folders above its new place. */
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'mv FROM TO',
  about: 'moves a file or folder to a path where nothing is yet',
  run({ args, cwd }) {
    const [from, to, ...extra] = args
    if (from === undefined || to === undefined || extra.length > 0)
      throw new Error(`found ${args.length} arguments, expected: mv FROM TO`)
    const target = resolve(cwd, to)
    if (existsSync(target)) throw new Error(`${to} exists already: remove it first`)
    mkdirSync(dirname(target), { recursive: true })
    renameSync(resolve(cwd, from), target)
    return Promise.resolve()
  },
}
