/** Memory while a file of 10 GiB is written and read: it may not depend on the file's size. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../../image/cli/bench-figure.ts'

const GIB = 10
/** As `recipes/blocktree.ts` has the daemon started. */
const FLAGS = ['--max-old-space-size=128', '--max-semi-space-size=1']
const CHILD = join(import.meta.dirname, 'stream-child.ts')

type Said = { readonly idle: number; readonly write: number; readonly read: number }

export const bench: Bench = {
  about: `memory while ${GIB} GiB are streamed`,
  async run({ figure, say }) {
    const folder = mkdtempSync(join(tmpdir(), 'stream-bench-'))
    try {
      say(`writing and reading ${GIB} GiB`)
      const said = execFileSync(process.execPath, [...FLAGS, CHILD, folder, `${GIB}`], {
        encoding: 'utf8',
      })
      const { idle, write, read } = JSON.parse(said) as Said
      figure({ name: 'resident when idle', value: idle, unit: 'MB' })
      figure({ name: 'more while writing', value: write - idle, unit: 'MB', target: 60 })
      figure({ name: 'more while reading', value: read - idle, unit: 'MB', target: 60 })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}
