/** What a recipe costs a build that has nothing to do: checkouts of 1,000 and of 10,000 small ones. */
import type { ChildProcess } from 'node:child_process'
import type { Bench } from '../../image/cli/bench-figure.ts'
import type { BuildSummary } from '../../image/cli/build-summary.ts'
import { BUNDLE, small, type Small } from '../image/build/small.ts'
import { timed } from './cpu.ts'

const FEW = 1_000
const MANY = 10_000
const RUNS = 15

const name = (i: number) => `r${String(i).padStart(5, '0')}`

/** Recipes of a line each, every one but the first with a need: a tree as deep as it can be halved. */
function grow(s: Small, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const needs = i === 0 ? '' : `needs: ['${name(Math.floor(i / 2))}'], `
    s.recipe(name(i), `${needs}steps: ['write $out/${name(i)} x']`)
  }
  const all = Array.from({ length: to }, (_, i) => `'${name(i)}'`).join(', ')
  s.recipe(
    'image',
    `kind: 'part', needs: [${all}], steps: ['write $out/blocktree.img x'], ships: ['blocktree.img']`,
  )
}

async function build(s: Small, signal: AbortSignal): Promise<BuildSummary> {
  signal.throwIfAborted()
  let stop = () => {}
  const started = (child: ChildProcess) => {
    stop = () => void child.kill()
    signal.addEventListener('abort', stop)
  }
  const { out, err } = await s.bt(['build', '--json'], { started })
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  if (out === '') throw new Error(err)
  return JSON.parse(out) as BuildSummary
}

/** The least of several runs each, in milliseconds: noise of other processes only adds. */
async function nothingToDo(
  s: Small,
  signal: AbortSignal,
): Promise<{ cpuMs: number; wallMs: number }> {
  let least = { cpuMs: Infinity, wallMs: Infinity }
  for (let i = 0; i < RUNS; i++) {
    signal.throwIfAborted()
    const run = await timed(process.execPath, [BUNDLE, 'build'], { ...process.env, ...s.env })
    least = {
      cpuMs: Math.min(least.cpuMs, run.cpuMs),
      wallMs: Math.min(least.wallMs, run.wallMs),
    }
  }
  return least
}

export const bench: Bench = {
  about: `no-op builds of ${FEW} and of ${MANY} recipes`,
  async run({ figure, say, signal }) {
    const s = small([])
    try {
      const figures = []
      let before = 0
      for (const count of [FEW, MANY]) {
        grow(s, before, count)
        say(`building ${count - before} recipes`)
        const { seconds, tasks, cached } = await build(s, signal)
        const each = (seconds * 1000) / (tasks - cached)
        figure({ name: `cold build, each of ${tasks - cached}`, value: each, unit: 'ms' })
        const { cpuMs, wallMs } = await nothingToDo(s, signal)
        figures.push({ cpuMs, wallMs })
        figure({ name: `no-op of ${count}, CPU`, value: cpuMs, unit: 'CPU-ms' })
        figure({ name: `no-op of ${count}, wall`, value: wallMs, unit: 'ms' })
        before = count
      }
      const [few, many] = figures as [(typeof figures)[0], (typeof figures)[0]]
      for (const kind of ['cpuMs', 'wallMs'] as const)
        figure({
          name: `slope, ${kind === 'cpuMs' ? 'CPU' : 'wall'}`,
          value: ((many[kind] - few[kind]) * 1000) / (MANY - FEW),
          unit: 'µs per recipe',
          target: 50,
        })
    } finally {
      s.end()
    }
  },
}
