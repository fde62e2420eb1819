/** Makes folders with the ones above them, mode 0755. */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'mkdir FOLDER…',
  about: 'makes folders and the ones above them',
  run({ args, cwd }) {
    for (const path of args) mkdirSync(resolve(cwd, path), { recursive: true })
    return Promise.resolve()
  },
}
