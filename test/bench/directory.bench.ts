/** A directory of 100,000 names: opened by a process that was just started, and added to. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { plant } from '../node/tree/planted.ts'
import { cpuEach } from './store.ts'

const TOGETHER = 1000
const TIMES = 200
const LOOKS = 5
const CHILD = join(import.meta.dirname, 'directory-child.ts')

export const bench: Bench = {
  about: 'directories of 1,000 to 100,000 names',
  async run({ figure, say, signal }) {
    const folder = mkdtempSync(join(tmpdir(), 'directory-bench-'))
    try {
      let made = 0
      for (const names of [1_000, 10_000, 100_000]) {
        say(`making ${names} names`)
        const planted = await plant({ folder })
        const { tree } = planted
        if (made === 0) {
          await tree.mkdir('/ROOT/d')
          await tree.writeFile('/ROOT/file', randomBytes(100))
        }
        for (; made < names; made += TOGETHER) {
          signal.throwIfAborted()
          // Names of one file: what they cost is the directory's.
          const link = (_: unknown, i: number) =>
            tree.link('/ROOT/file', `/ROOT/d/name-${made + i}`)
          await Promise.all(Array.from({ length: TOGETHER }, link))
        }
        const add = async () => {
          for (let i = 0; i < TIMES; i++)
            await tree.writeFile(`/ROOT/d/${names}-${i}`, randomBytes(100))
        }
        await add()
        for (let i = 0; i < TIMES; i++) await tree.remove(`/ROOT/d/${names}-${i}`)
        const each = await cpuEach(TIMES, add)
        figure({
          name: `${names} names: one file added`,
          value: each / 1000,
          unit: 'CPU-ms',
          target: 2,
        })
        const list = await cpuEach(1, async () => void (await tree.list('/ROOT/d')))
        figure({ name: `${names} names: all listed`, value: list / 1000, unit: 'CPU-ms' })
        await planted.end()
        const looks = Array.from({ length: LOOKS }, () =>
          Number(execFileSync(process.execPath, [CHILD, folder, `/ROOT/d/name-${names - 7}`])),
        )
        const cold = Math.min(...looks)
        figure({ name: `${names} names: one looked up, cold`, value: cold, unit: 'ms', target: 50 })
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}
