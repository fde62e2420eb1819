/** Removes files and folders. What is not there is an error: a recipe says what it knows. */
import { lstatSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'rm [-f] PATH…',
  about: 'removes files and whole folders; -f when one may be missing',
  run({ args, cwd }) {
    const force = args[0] === '-f'
    for (const path of force ? args.slice(1) : args) {
      const full = resolve(cwd, path)
      if (!force && lstatSync(full, { throwIfNoEntry: false }) === undefined)
        throw new Error(`${path} does not exist: remove the step, or use rm -f`)
      rmSync(full, { recursive: true, force: true })
    }
    return Promise.resolve()
  },
}
