/** `bt bench`: the figures the project promises, each measured beside what it is compared with. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { REPO } from '../paths.ts'
import { nearest } from '../recipe/nearest.ts'
import type { Bench, Figure } from './bench-figure.ts'
import { judge, row } from './bench-figure.ts'
import type { Command } from './command.ts'
import { UsageError } from './parse.ts'

const FOLDER = join(REPO, 'test', 'bench')

export const bench: Command = {
  name: 'bench',
  about: 'Measure the promised figures and print them beside their targets.',
  positionals: [
    { name: 'NAME', about: 'the benches to run; without, all', optional: true, many: true },
  ],
  options: [{ name: 'list', type: 'boolean', about: 'name the benches, and run none' }],
  examples: [
    ['bt bench --list', 'what can be measured'],
    ['bt bench start', 'how long bt takes to start, beside bare Node'],
  ],

  async run({ positionals, values, json, io }) {
    const names = readdirSync(FOLDER)
      .filter(name => name.endsWith('.bench.ts'))
      .map(name => name.slice(0, -'.bench.ts'.length))
      .sort()
    const unknown = positionals.find(name => !names.includes(name))
    if (unknown !== undefined) {
      const close = nearest(unknown, names)
      const hint = close === undefined ? `there are ${names.join(', ')}` : `did you mean ${close}?`
      throw new UsageError('USAGE_VALUE', `there is no bench ${JSON.stringify(unknown)}; ${hint}`)
    }
    const chosen = positionals.length > 0 ? positionals : names
    const figures: (Figure & { bench: string })[] = []
    for (const name of chosen) {
      const url = pathToFileURL(join(FOLDER, `${name}.bench.ts`)).href
      const { bench } = (await import(url)) as { bench: Bench }
      if (!json) io.out(`${name}: ${bench.about}`)
      if (values['list'] === true) continue
      await bench.run({
        signal: io.signal,
        say: line => io.err(line),
        figure(figure) {
          figures.push({ bench: name, ...figure })
          if (!json) io.out(row(figure))
        },
      })
    }
    const judged = figures.map(figure => ({ ...figure, ok: judge(figure) }))
    if (json) io.out(JSON.stringify(values['list'] === true ? chosen : judged))
    return judged.every(({ ok }) => ok !== false) ? 0 : 1
  },
}
