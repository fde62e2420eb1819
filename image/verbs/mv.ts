/** Moves a file or folder, making the folders above its new place. */
import { lstatSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { within } from '../engine/within.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'mv FROM TO',
  about: 'moves a file or folder to a path where nothing is yet',
  run(call) {
    const { args } = call
    const [from, to, ...extra] = args
    if (from === undefined || to === undefined || extra.length > 0)
      throw new Error(`found ${args.length} arguments, expected: mv FROM TO`)
    const [source, target] = [within(call, from), within(call, to)]
    if (lstatSync(source, { throwIfNoEntry: false }) === undefined)
      throw new Error(`${from} does not exist`)
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined)
      throw new Error(`${to} exists already: remove it first`)
    mkdirSync(dirname(target), { recursive: true })
    renameSync(source, target)
    return Promise.resolve()
  },
}
