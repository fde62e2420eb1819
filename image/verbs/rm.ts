/** Removes files and folders. What is not there is an error: a recipe says what it knows. */
import { lstatSync } from 'node:fs'
import { removeTree } from '../engine/remove.ts'
import { within } from '../engine/within.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'rm [-f] PATH…',
  about: 'removes files and whole folders; -f when one may be missing',
  run(call) {
    const force = call.args[0] === '-f'
    const paths = force ? call.args.slice(1) : call.args
    if (paths.length === 0) throw new Error('found no path, expected: rm [-f] PATH…')
    for (const path of paths) {
      const full = within(call, path)
      if (!force && lstatSync(full, { throwIfNoEntry: false }) === undefined)
        throw new Error(`${path} does not exist: remove the step, or use rm -f`)
      removeTree(full)
    }
    return Promise.resolve()
  },
}
