/** Sets the mode of files and folders. */
import { chmodSync, lstatSync } from 'node:fs'
import { within } from '../engine/within.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'chmod MODE PATH…',
  about: 'gives files and folders a mode such as 0644; links have none',
  run(call) {
    const { args } = call
    const [mode, ...paths] = args
    if (mode === undefined || paths.length === 0)
      throw new Error(`found ${args.length} arguments, expected: chmod MODE PATH…`)
    if (!/^[0-7]{3,4}$/.test(mode)) throw new Error(`mode is ${mode}, expected octal like 0644`)
    for (const path of paths) {
      const full = within(call, path)
      const stat = lstatSync(full, { throwIfNoEntry: false })
      if (stat === undefined) throw new Error(`${path} does not exist: remove it from the step`)
      if (stat.isSymbolicLink()) throw new Error(`${path} is a link: name what it leads to`)
      chmodSync(full, Number.parseInt(mode, 8))
    }
    return Promise.resolve()
  },
}
