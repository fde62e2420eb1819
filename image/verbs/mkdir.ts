/** Makes folders with the ones above them, mode 0755. */
import { mkdirSync } from 'node:fs'
import { within } from '../engine/within.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'mkdir FOLDER…',
  about: 'makes folders and the ones above them',
  run(call) {
    if (call.args.length === 0) throw new Error('found no path, expected: mkdir FOLDER…')
    for (const path of call.args) mkdirSync(within(call, path), { recursive: true })
    return Promise.resolve()
  },
}
