/** `bt build`: the image of a board; does nothing, quickly, when nothing was touched. */
import { summaryLine, type BuildSummary } from './build-summary.ts'
import type { Command } from './command.ts'
import { boardArgument, BUILD_OPTIONS, variantOf } from './build-options.ts'
import { UsageError } from './parse.ts'
import { unchanged } from '../noop.ts'

export const build: Command = {
  name: 'build',
  about: 'Build the image of a board.',
  positionals: [boardArgument],
  options: [
    ...BUILD_OPTIONS,
    { name: 'locked', type: 'boolean', about: 'fail when a locked Debian version is gone' },
    { name: 'cached-only', type: 'boolean', about: 'fail when a recipe would have to be made' },
    { name: 'goal', type: 'string', value: 'RECIPE', about: 'only this recipe and what it needs' },
    {
      name: 'jobs',
      short: 'j',
      type: 'integer',
      value: 'N',
      about: 'recipes at once (default: cores)',
    },
  ],
  examples: [
    ['bt build', 'the development image of qemu-x86_64'],
    ['bt build qemu-x86_64 --release', 'the image to flash, without any login'],
    [
      'bt build --kernel linux-router --json',
      'with the kernel compiled for routers; one line of JSON',
    ],
  ],

  async run({ positionals, values, json, io }) {
    const begun = performance.now()
    const board = positionals[0] ?? 'qemu-x86_64'
    const variant = variantOf(values)
    if (values['jobs'] === 0) throw new UsageError('USAGE_VALUE', '--jobs takes 1 or more, not 0')
    const name = [board, ...Object.values(variant)].join('-')
    if (values['goal'] !== undefined) {
      const { buildGoal } = await import('./build-now.ts')
      const made = await buildGoal(values['goal'] as string, board, variant, values, io)
      io.out(json ? JSON.stringify(made) : made.folder)
      return 0
    }
    let summary = unchanged<BuildSummary>(name)
    if (summary === undefined) {
      const { buildAndRemember } = await import('./build-now.ts')
      summary = await buildAndRemember(name, board, variant, values, io)
    } else {
      summary = { ...summary, cached: summary.tasks, seconds: (performance.now() - begun) / 1000 }
      if (!json) io.err(summaryLine(summary))
    }
    io.out(json ? JSON.stringify(summary) : summary.image)
    return 0
  },
}
