/** Removes what globs match below a folder, and the folders that this leaves empty. */
import { rmSync, rmdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import picomatch from 'picomatch'
import { walk } from '../engine/tree.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'prune FOLDER GLOB… [--maybe GLOB]…',
  about: 'removes matching files and links; a glob that matches nothing is an error, --maybe aside',
  run({ args, cwd, print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { maybe: { type: 'string', multiple: true, default: [] } },
    })
    const [folder, ...globs] = positionals
    if (folder === undefined || globs.length + values.maybe.length === 0)
      throw new Error(`found too few arguments, expected: ${verb.usage}`)
    const root = resolve(cwd, folder)
    const files = walk(root).filter(({ stat }) => !stat.isDirectory())
    const gone = new Set<string>()
    for (const glob of [...globs, ...values.maybe]) {
      const fits = picomatch(glob, { dot: true })
      const hits = files.filter(({ path }) => fits(path))
      if (hits.length === 0 && globs.includes(glob))
        throw new Error(`${glob} matches nothing below ${folder}: remove it`)
      for (const { path } of hits) gone.add(path)
    }
    for (const path of gone) {
      rmSync(join(root, path))
      for (let up = dirname(path); up !== '.'; up = dirname(up)) {
        try {
          rmdirSync(join(root, up))
        } catch {
          break
        }
      }
    }
    print(`${gone.size} of ${files.length} files removed`)
    return Promise.resolve()
  },
}
