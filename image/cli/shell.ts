/** `bt shell`: the folder in which a recipe's steps run, with their variables, to look around in. */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { buildImage, toolBin } from '../build.ts'
import { Cache } from '../engine/cache.ts'
import { layOut } from '../engine/execute.ts'
import { fetchSources } from '../engine/fetch.ts'
import { Locks } from '../engine/locks.ts'
import { removeTree } from '../engine/remove.ts'
import { sourceFiles } from '../engine/sources.ts'
import { CACHE } from '../paths.ts'
import { graphOf } from '../recipe/graph.ts'
import { nearest } from '../recipe/nearest.ts'
import { start } from '../spawn.ts'
import { BUILD_OPTIONS, variantOf } from './build-options.ts'
import type { Command } from './command.ts'
import { progress as showProgress } from './progress.ts'

export const shell: Command = {
  name: 'shell',
  about: 'Open a shell where the steps of a recipe run.',
  positionals: [{ name: 'RECIPE', about: 'a file of recipes/', completes: 'recipe' }],
  options: [
    ...BUILD_OPTIONS,
    { name: 'board', type: 'string', value: 'BOARD', about: 'default: qemu-x86_64' },
    { name: 'command', short: 'c', type: 'string', value: 'LINE', about: 'run this line instead' },
  ],
  examples: [
    ['bt shell root', 'what root needs lies in $in; leave it with exit, nothing is kept'],
    ['bt shell firewall --command env', 'one line: here the variables that steps see'],
  ],

  async run({ positionals: [name], values, json, io }) {
    const board = (values['board'] as string | undefined) ?? 'qemu-x86_64'
    const { context, recipes } = await graphOf(board, variantOf(values))
    const recipe = recipes.get(name!)
    if (recipe === undefined) {
      const meant = nearest(name!, recipes.keys())
      io.err(`bt: there is no recipe ${name}${meant ? `, did you mean ${meant}?` : ''}`)
      return 1
    }
    const line = values['command'] as string | undefined
    if (line === undefined && process.stdin.isTTY !== true) {
      io.err('bt: bt shell needs a terminal; give it a line with --command to run without one')
      return 2
    }
    const progress = showProgress()
    const { signal } = io
    const goals = [...recipe.needs, ...recipe.tools]
    const built = await buildImage({ board, ...variantOf(values), goals, progress, signal })
    progress.end(`${recipe.name}: steps in $work, sources in $src, needs in $in, results in $out`)
    const cache = new Cache(CACHE)
    const tree = (of: string) => built.tasks.find(task => task.name === of)!.tree
    const locks = await Locks.open(recipes, context.arch, { line: progress.line })
    const sources = sourceFiles(recipe, locks.of(recipe))
    const fetched = await fetchSources(sources, locks.arch(recipe), locks, signal)
    const bins = await Promise.all(recipe.tools.map(tool => toolBin(cache, tree(tool))))
    const needs = new Map(recipe.needs.map(need => [need, cache.tree(tree(need))]))
    const time = { SOURCE_DATE_EPOCH: String(context.epoch), LC_ALL: 'C.UTF-8', TZ: 'UTC' }
    const folder = mkdtempSync(join(CACHE, 'work', `${process.pid}.shell-`))
    try {
      const env = layOut({ recipe, env: time, sources, fetched, needs, bins }, folder)
      if (!json) for (const step of recipe.steps) io.err(`  ${step}`)
      return await open(line, env)
    } finally {
      removeTree(folder)
    }
  },
}

/** The user's own shell, or `/bin/sh` for one line, with the host's programs behind the steps'. */
async function open(line: string | undefined, env: Record<string, string>): Promise<0 | 1> {
  const program = line === undefined ? (process.env['SHELL'] ?? '/bin/sh') : '/bin/sh'
  const path = [env['PATH'], process.env['PATH']].filter(Boolean).join(':')
  const child = start(program, line === undefined ? [] : ['-c', line], {
    cwd: env['work']!,
    env: { ...env, PATH: path, TERM: process.env['TERM'], PS1: 'bt \\w $ ' },
    stdio: 'inherit',
    foreground: true,
  })
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return status === 0 ? 0 : 1
}
