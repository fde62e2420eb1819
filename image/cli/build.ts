/** `bt build`: the image of a board; does nothing, quickly, when nothing was touched. */
import { bytes, duration } from './progress.ts'
import type { Command } from './command.ts'
import { boardArgument, BUILD_OPTIONS, variantOf } from './build-options.ts'
import { unchanged } from '../noop.ts'

/** What a build says of itself, also with `--json`. */
export type BuildSummary = {
  readonly board: string
  readonly version: string
  /** Absolute path of the disk image. */
  readonly image: string
  readonly imageBytes: number
  readonly tasks: number
  readonly cached: number
  readonly seconds: number
}

export const build: Command = {
  name: 'build',
  about: 'Build the image of a board.',
  positionals: [boardArgument],
  options: [
    ...BUILD_OPTIONS,
    { name: 'locked', type: 'boolean', about: 'fail when a locked Debian version is gone' },
    { name: 'jobs', short: 'j', type: 'integer', value: 'N', about: 'recipes at once (default: cores)' },
  ],
  examples: [
    ['bt build', 'the development image of qemu-x86_64'],
    ['bt build qemu-x86_64 --release', 'the image to flash, without any login'],
    ['bt build --kernel linux-router --json', 'with the kernel compiled for routers; one line of JSON'],
  ],

  async run({ positionals, values, json, io }) {
    const begun = performance.now()
    const board = positionals[0] ?? 'qemu-x86_64'
    const variant = variantOf(values)
    const name = [board, ...Object.values(variant)].join('-')
    let summary = unchanged<BuildSummary>(name)
    if (summary === undefined) {
      const { buildAndRemember } = await import('./build-now.ts')
      summary = await buildAndRemember(name, board, variant, values, io)
    } else summary = { ...summary, cached: summary.tasks, seconds: 0 }
    const seconds = (performance.now() - begun) / 1000
    if (json) io.out(JSON.stringify({ ...summary, seconds: Number(seconds.toFixed(3)) }))
    else {
      const { tasks, cached, image, imageBytes } = summary
      const what = cached === tasks ? 'nothing to do' : `${tasks - cached} of ${tasks} recipes made`
      io.err(`${board}: ${what}, ${cached} cached, ${duration(seconds * 1000)}, ${bytes(imageBytes)}`)
      io.out(image)
    }
    return 0
  },
}

