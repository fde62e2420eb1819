/** Writes a small text file: each argument is a line. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'write FILE LINE…',
  about: 'writes a text file, mode 0644, one argument a line',
  run({ args, cwd }) {
    const [path, ...lines] = args
    if (path === undefined) throw new Error('found no arguments, expected: write FILE LINE…')
    const file = resolve(cwd, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, lines.map(line => `${line}\n`).join(''), { mode: 0o644 })
    return Promise.resolve()
  },
}
