/** Makes a symbolic link, with the folders above it. */
import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { within } from '../engine/within.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'ln TARGET LINK',
  about: 'makes a symbolic link; the target is kept as written; an older file there is replaced',
  run(call) {
    const { args } = call
    const [target, link, ...extra] = args
    if (target === undefined || link === undefined || extra.length > 0)
      throw new Error(`found ${args.length} arguments, expected: ln TARGET LINK`)
    const path = within(call, link)
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new Error(`${link} is a folder: remove it first`)
    mkdirSync(dirname(path), { recursive: true })
    rmSync(path, { force: true })
    symlinkSync(target, path)
    return Promise.resolve()
  },
}
