/** A build that has nothing to do: it must feel like none. */
import { join } from 'node:path'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { REPO } from '../../image/paths.ts'
import { cpuMs, timed } from './cpu.ts'

const RUNS = 15

export const bench: Bench = {
  about: 'bt build with nothing to do',
  async run({ figure, say }) {
    const bt = join(REPO, 'image', 'bt')
    say('building once, so that there is nothing to do')
    await timed(bt, ['build'])
    const node = await cpuMs(process.execPath, ['-e', '0'], RUNS)
    const walls: number[] = []
    let cpu = Infinity
    for (let i = 0; i < RUNS; i++) {
      const run = await timed(bt, ['build'])
      cpu = Math.min(cpu, run.cpuMs)
      walls.push(run.wallMs)
    }
    const wall = walls.sort((a, b) => a - b)[Math.floor(RUNS / 2)]!
    figure({ name: 'wall time, median', value: wall, unit: 'ms', target: 500 })
    figure({
      name: 'CPU time, at most that of node -e 0 and 100 ms',
      value: cpu,
      unit: 'CPU-ms',
      target: node + 100,
      peer: { name: 'node -e 0', value: node, ratio: (node + 100) / node },
    })
  },
}
