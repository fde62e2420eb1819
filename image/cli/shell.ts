/** `bt shell`: a shell in the folder where a recipe's steps run, laid out as for a build. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { me } from '../engine/alive.ts'
import { layOut } from '../engine/execute.ts'
import { removeTree } from '../engine/remove.ts'
import type { StepRequest } from '../engine/step-runner.ts'
import { CACHE, REPO } from '../paths.ts'
import type { EvaluatedRecipe } from '../recipe/check.ts'
import { openAction } from '../open-action.ts'
import { BUILD_OPTIONS, variantOf } from './build-options.ts'
import type { Command, ExitCode, Io } from './command.ts'
import { UsageError } from './parse.ts'
import { progress as showProgress } from './progress.ts'
import { runShell } from './shell-run.ts'

export const shell: Command = {
  name: 'shell',
  about: "Open a shell where a recipe's steps run, with their variables, sources and needs.",
  positionals: [{ name: 'RECIPE', about: 'a file of recipes/', completes: 'recipe' }],
  options: [
    {
      name: 'command',
      short: 'c',
      type: 'string',
      value: 'LINE',
      about: 'run this instead, and end with its status',
    },
    {
      name: 'board',
      type: 'string',
      value: 'BOARD',
      about: 'a file of board/ (default: qemu-x86_64)',
    },
    ...BUILD_OPTIONS,
  ],
  examples: [
    ['bt shell root', 'look around, run steps with `step 1`; leave it with exit, nothing is kept'],
    ['bt shell firewall --command env', 'one line: here the variables that steps see'],
  ],

  async run({ positionals: [name], values, json, io }) {
    const command = values['command'] as string | undefined
    if (command === undefined && !process.stdin.isTTY)
      throw new UsageError(
        'USAGE_OPTION',
        'bt shell needs a terminal to read from; without one, say what to run with --command',
      )
    const progress = showProgress()
    const board = (values['board'] as string | undefined) ?? 'qemu-x86_64'
    const action = await openAction(name!, board, variantOf(values), progress, io.signal)
    progress.end('')
    const folder = join(CACHE, 'work', `${me}.shell`)
    try {
      mkdirSync(folder, { recursive: true })
      const env = { ...layOut(action.gathered, folder), ...terminal(name!) }
      const bin = writeStep(folder, action.recipe, env)
      const PATH = [bin, env['PATH'], process.env['PATH']].filter(Boolean).join(':')
      if (command === undefined) explain(io, action.recipe, env)
      const status = await runShell(command, { ...env, PATH }, { json, signal: io.signal })
      if (json) io.out(JSON.stringify({ recipe: name, status }))
      return status as ExitCode // the shell's own, whatever it is
    } finally {
      removeTree(folder)
      action.release()
    }
  },
}

/** What a shell needs to know of the terminal, and who it belongs to. */
function terminal(recipe: string): Record<string, string> {
  const names = ['TERM', 'COLORTERM', 'COLUMNS', 'LINES', 'SHELL', 'USER', 'LOGNAME']
  const set = names.flatMap(name => (process.env[name] ? [[name, process.env[name]]] : []))
  return { ...(Object.fromEntries(set) as Record<string, string>), PS1: `[${recipe}] \\w $ ` }
}

/** Writes the program `step`; gives its folder. */
function writeStep(
  folder: string,
  recipe: EvaluatedRecipe,
  env: Readonly<Record<string, string>>,
): string {
  const place: StepRequest = {
    steps: recipe.steps,
    check: recipe.check,
    ships: recipe.ships,
    cwd: env['work']!,
    env,
    verbFolder: join(REPO, 'image/verbs'),
    verbs: [],
  }
  const file = join(folder, 'place.json')
  writeFileSync(file, JSON.stringify(place))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const program = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(REPO, 'image/engine/step-here.ts'),
    file,
  ]
  const quoted = program.map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  writeFileSync(join(bin, 'step'), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 })
  return bin
}

function explain(io: Io, recipe: EvaluatedRecipe, env: Readonly<Record<string, string>>): void {
  const { name, about, needs, tools, ships, steps, check } = recipe
  const rows: [string, string][] = [
    ['$work', 'where you are; steps start here'],
    ['$out', `what the recipe makes: ${ships.join(' ')}`],
    ['$src', 'its sources'],
    [
      '$in',
      needs.length > 0
        ? `what it needs, only to be read: ${needs.join(', ')}`
        : 'it needs no other recipe',
    ],
    [
      'PATH',
      tools.length > 0
        ? `${tools.join(', ')}, then this machine's`
        : "this machine's; steps have none",
    ],
  ]
  io.err(`${name}: ${about}`)
  for (const [left, right] of rows) io.err(`  ${left.padEnd(6)} ${right}`)
  io.err(`none of its steps has run; \`step N\` runs one as a build does, \`step all\` all:`)
  steps.forEach((step, i) => io.err(`  ${String(i + 1).padStart(3)}  ${step}`))
  for (const step of check) io.err(`check  ${step}`)
  io.err(`exit ends the shell and removes ${env['work']!.replace(/\/work$/, '')}`)
}
