/** Writes a small text file: each argument is a line. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { within } from '../engine/within.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'write FILE LINE…',
  about: 'writes a text file, mode 0644, one argument a line',
  run(call) {
    const [path, ...lines] = call.args
    if (path === undefined) throw new Error('found no arguments, expected: write FILE LINE…')
    const file = within(call, path)
    mkdirSync(dirname(file), { recursive: true })
    // Not through a link that is there.
    rmSync(file, { force: true })
    writeFileSync(file, lines.map(line => `${line}\n`).join(''), { mode: 0o644 })
    return Promise.resolve()
  },
}
