/** Writes the help from the records of the verbs. */
import type { Command, Option } from './command.ts'
import { HELP } from './parse.ts'

/** Lines of `blocktree --help`. */
export function helpAll(commands: readonly Command[]): string[] {
  return [
    'blocktree: runs a household’s own internet services on its router',
    '',
    'Usage: blocktree VERB [OPTION…]',
    '',
    ...columns(commands.map(each => [each.words.join(' '), each.about])),
    '',
    'Every verb explains itself: blocktree VERB --help. Exit codes: 0 done, 1 failed,',
    '2 wrong command line.',
  ]
}

/** Lines of `blocktree VERB --help`. */
export function helpOne(command: Command): string[] {
  const options = [...command.options, HELP]
  return [
    command.about,
    '',
    `Usage: blocktree ${command.words.join(' ')} [OPTION…]`,
    '',
    'Options',
    ...columns(options.map(option => [flag(option), option.about])),
    '',
    'Examples',
    ...command.examples.flatMap(([line, does]) => [`  ${line}`, `      ${does}`]),
  ]
}

function flag(option: Option): string {
  return `--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
