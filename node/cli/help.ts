/** `blocktree help`: the verbs, or one of them; written from their records, for docs/ too. */
import type { Command, Option, Positional } from './command.ts'
import { COMMON, LineError } from './parse.ts'

/** The verb that explains all `commands`, itself among them. */
export function helpVerb(commands: () => readonly Command[]): Command {
  return {
    words: ['help'],
    about: 'List the verbs, or explain one.',
    positionals: [
      {
        name: 'VERB',
        about: 'The words of the verb to explain.',
        optional: true,
        many: true,
        completes: 'verb',
      },
    ],
    options: [{ name: 'markdown', about: 'Print all verbs as Markdown: docs/blocktree.md.' }],
    examples: [
      ['blocktree help', 'lists the verbs'],
      ['blocktree help node run', 'explains blocktree node run'],
    ],
    async run({ positionals, values, json, io }) {
      const words = positionals.join(' ')
      const one = commands().find(each => each.words.join(' ') === words)
      if (words !== '' && !one)
        throw new LineError('LINE_UNKNOWN_VERB', `there is no '${words}'; try blocktree help`)
      if (json) io.out(JSON.stringify(one ?? commands()))
      else if (values['markdown']) io.out(markdown(commands()))
      else for (const line of one ? helpOne(one) : helpAll(commands())) io.out(line)
      return 0
    },
  }
}

/** Lines of `blocktree help`. */
export function helpAll(commands: readonly Command[]): string[] {
  return [
    'blocktree: runs a household’s own internet services on its router',
    '',
    'Usage: blocktree VERB [ARGUMENT…] [OPTION…]',
    '',
    ...columns(commands.map(each => [each.words.join(' '), each.about])),
    '',
    'Every verb explains itself: blocktree VERB --help. Exit codes: 0 done, 1 failed,',
    '2 wrong command line.',
  ]
}

/** Lines of `blocktree VERB --help`. */
export function helpOne(command: Command): string[] {
  const options = [...(command.options ?? []), ...COMMON]
  const positionals = command.positionals ?? []
  const section = (title: string, rows: Row[]) =>
    rows.length > 0 ? ['', title, ...columns(rows)] : []
  return [
    command.about,
    ...(command.more ?? []).flatMap(text => ['', ...wrapped(text)]),
    '',
    `Usage: ${usage(command)}`,
    ...section(
      'Arguments',
      positionals.map(each => [each.name, argument(each)]),
    ),
    ...section(
      'Options',
      options.map(option => [flag(option), option.about]),
    ),
    '',
    'Examples',
    ...command.examples.flatMap(([line, does]) => [`  ${line}`, `      ${does}`]),
  ]
}

/** The text of `docs/blocktree.md`. */
export function markdown(commands: readonly Command[]): string {
  const verbs = commands.flatMap(command => [
    `## ${command.words.join(' ')}`,
    '',
    command.about,
    ...(command.more ?? []).flatMap(text => ['', text]),
    '',
    '```',
    usage(command),
    '```',
    '',
    ...table(
      'argument',
      (command.positionals ?? []).map(each => [each.name, argument(each)]),
    ),
    ...table(
      'option',
      (command.options ?? []).map(option => [flag(option), option.about]),
    ),
    ...command.examples.map(([line, does]) => `- \`${line}\`: ${does}`),
    '',
  ])
  return [
    '# The command line of a node',
    '',
    'Made by `blocktree help --markdown` from the records in `node/cli/`; a test compares.',
    '',
    'Every verb takes `--help` and `--json`. Exit code: 0 done, 1 failed, 2 wrong command line.',
    'The first Ctrl-C stops cleanly, the second at once.',
    '',
    ...verbs,
  ].join('\n')
}

function usage({ words, positionals = [] }: Command): string {
  const named = positionals.map(({ name, optional, many }) => {
    const text = many ? `${name}…` : name
    return optional ? `[${text}]` : text
  })
  return ['blocktree', ...words, ...named, '[OPTION…]'].join(' ')
}

function argument({ about, choices }: Positional): string {
  return choices ? `${about} One of ${choices.join(', ')}.` : about
}

function flag({ name, short, value }: Option): string {
  const long = `--${name}${value === undefined ? '' : ` ${value}`}`
  return short === undefined ? long : `-${short}, ${long}`
}

type Row = readonly [string, string]

function columns(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.flatMap(([left, right]) => {
    const [first = '', ...rest] = wrapped(right, 96 - width)
    return [
      `  ${left.padEnd(width)}  ${first}`,
      ...rest.map(line => `${' '.repeat(width + 4)}${line}`),
    ]
  })
}

/** Lines of at most `width` characters. */
function wrapped(text: string, width = 96): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
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
