/** How much a call of `bt` costs above a bare start of the pinned Node, in CPU time of the process. */
import { join } from 'node:path'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { REPO } from '../../image/paths.ts'
import { cpuMs } from './cpu.ts'

const RUNS = 15

export const bench: Bench = {
  about: 'calling bt, beside starting Node',
  async run({ figure }) {
    const bt = join(REPO, 'image', 'bt')
    await cpuMs(bt, ['--version'], 1)
    const node = await cpuMs(process.execPath, ['-e', '0'], RUNS)
    figure({ name: 'node -e 0', value: node, unit: 'CPU-ms' })
    for (const args of [['--version'], ['help']])
      figure({
        name: `bt ${args.join(' ')}`,
        value: await cpuMs(bt, args, RUNS),
        unit: 'CPU-ms',
        target: node + 100,
      })
  },
}
