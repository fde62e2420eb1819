/** `bt clean`: gives space back: the cache down to a limit, or all of what this checkout built. */
import { rmSync } from 'node:fs'
import { collect } from '../engine/gc.ts'
import { BUILD, CACHE } from '../paths.ts'
import type { Command } from './command.ts'
import { bytes } from './progress.ts'

const GIB = 2 ** 30

export const clean: Command = {
  name: 'clean',
  about: 'Remove old results and downloads from the cache, oldest use first.',
  options: [
    {
      name: 'keep',
      type: 'integer',
      value: 'GIB',
      about: 'size to shrink the cache to (default: 10)',
    },
    {
      name: 'all',
      type: 'boolean',
      about: 'empty the cache and the build folder of this checkout',
    },
  ],
  examples: [
    ['bt clean', 'shrink the cache to 10 GiB; what the last builds made stays'],
    ['bt clean --keep 2', 'to 2 GiB'],
  ],

  run({ values, json, io }) {
    const limit = values['all'] ? 0 : ((values['keep'] as number | undefined) ?? 10) * GIB
    const { before, after, removed } = collect(CACHE, limit, values['all'] === true)
    if (values['all']) rmSync(BUILD, { recursive: true, force: true })
    if (json) io.out(JSON.stringify({ before, after, removed }))
    else io.out(`${removed} things removed, ${bytes(before - after)} freed, ${bytes(after)} kept`)
    return Promise.resolve(0)
  },
}
