/** The help of a verb and of all verbs, from their records: as text, and as Markdown for the docs. */
import { colours, type Colours } from './colour.ts'
import type { Command, Option } from './command.ts'
import { COMMON } from './parse.ts'

const PLAIN = colours(false)

/** `bt build [BOARD] [options]` */
export function usageLine(command: Command): string {
  const positionals = (command.positionals ?? []).map(({ name, optional, many }) => {
    const text = many === true ? `${name}…` : name
    return optional === true ? `[${text}]` : text
  })
  const options = (command.options ?? []).length > 0 ? ['[options]'] : []
  return ['bt', command.name, ...positionals, ...options].join(' ')
}

/** `-j, --jobs N` */
export function optionName({ name, short, value, type, choices }: Option): string {
  const placeholder = choices?.join('|') ?? value ?? (type === 'integer' ? 'N' : 'VALUE')
  return `${short === undefined ? '' : `-${short}, `}--${name}${type === 'boolean' ? '' : ` ${placeholder}`}`
}

/** What `bt VERB --help` prints. */
export function verbHelp(command: Command, c: Colours = PLAIN): string {
  const parts = [command.about, '', `${c.bold('usage')}  ${usageLine(command)}`]
  const positionals = command.positionals ?? []
  if (positionals.length > 0)
    parts.push('', c.bold('arguments'), ...columns(positionals.map(p => [p.name, p.about])))
  const options = [...(command.options ?? []), ...COMMON]
  parts.push('', c.bold('options'), ...columns(options.map(o => [optionName(o), o.about])))
  parts.push('', c.bold('examples'), ...columns(command.examples))
  return parts.join('\n')
}

/** What `bt help` prints. */
export function allHelp(commands: readonly Command[], c: Colours = PLAIN): string {
  return [
    'Builds, runs and writes the firmware of a router.',
    '',
    `${c.bold('usage')}  bt VERB [arguments] [options]`,
    '',
    ...columns(commands.map(({ name, about }) => [name, about])),
    '',
    'bt VERB --help   arguments, options and examples of a verb',
    'bt --version     version of the checkout and of the pinned Node',
    '',
    'Exit code: 0 done, 1 failed, 2 wrong command line. BT_DEBUG=1 shows stacks of errors.',
  ].join('\n')
}

/** The text of `docs/cli.md`. */
export function markdown(commands: readonly Command[]): string {
  const verbs = commands.flatMap(command => [
    `## ${command.name}`,
    '',
    command.about,
    '',
    '```',
    usageLine(command),
    '```',
    '',
    ...table(
      'argument',
      (command.positionals ?? []).map(p => [p.name, p.about]),
    ),
    ...table(
      'option',
      (command.options ?? []).map(o => [optionName(o), o.about]),
    ),
    ...command.examples.flatMap(([line, shows]) => [`- \`${line}\`: ${shows}`]),
    '',
  ])
  return [
    '# The command line',
    '',
    'Made by `bt help --markdown` from the records in `image/cli/`; a test compares.',
    '',
    'Every verb takes `--help` and `--json`. Exit code: 0 done, 1 failed, 2 wrong command line.',
    'Errors are one line that says what was found, what was expected and what to do;',
    '`BT_DEBUG=1` adds the stack. Colours only on a terminal; `NO_COLOR` and `FORCE_COLOR` are heeded.',
    'The first Ctrl-C stops cleanly, the second at once.',
    '',
    ...verbs,
  ].join('\n')
}

type Row = readonly [string, string]

function columns(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`)
}

function table(head: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return []
  const cell = (text: string) => text.replaceAll('|', '\\|')
  return [
    `| ${head} | |`,
    '|---|---|',
    ...rows.map(([left, right]) => `| \`${cell(left)}\` | ${cell(right)} |`),
    '',
  ]
}
