/** Reads a command line by the records of the verbs; what does not fit is refused and explained. */
import type { Command, Option, Values } from './command.ts'
import { nearest } from './nearest.ts'

/** Wrong command lines: the program ends with 2. */
export class LineError extends Error {
  readonly code:
    'LINE_UNKNOWN_VERB' | 'LINE_UNKNOWN_OPTION' | 'LINE_VALUE' | 'LINE_MISSING' | 'LINE_EXTRA'
  constructor(code: LineError['code'], message: string) {
    super(message)
    this.name = 'LineError'
    this.code = code
  }
}

export type Line =
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run' | 'help'
      readonly command: Command
      readonly positionals: readonly string[]
      readonly values: Values
      readonly json: boolean
    }

/** Understood with every verb. */
export const COMMON: readonly Option[] = [
  { name: 'json', about: 'Print the result as JSON.' },
  { name: 'help', short: 'h', about: 'Explain and exit.' },
]
const VERSION: Option = { name: 'version', short: 'V', about: 'Print the version and exit.' }

/**
 * @param args  what follows the program's name; none is the same as `help`.
 * @throws {LineError} `LINE_UNKNOWN_VERB`, `LINE_UNKNOWN_OPTION`; `LINE_VALUE` an option without its
 *   value, with one too many or given twice, or a word that is none of the choices; `LINE_MISSING`,
 *   `LINE_EXTRA` a word too few or too many.
 */
export function parseLine(args: readonly string[], commands: readonly Command[]): Line {
  const [first = 'help'] = args
  if (first === '--version' || first === '-V') return { kind: 'version' }
  const asked = first === '--help' || first === '-h' ? ['help', ...args.slice(1)] : args
  if (first.startsWith('-') && asked === args) throw unknownOption(first, [...COMMON, VERSION])
  const command = find(asked.length === 0 ? ['help'] : asked, commands)
  if (!command) throw unknownVerb(args, commands)
  const { positionals, values } = scan(asked.slice(command.words.length), command)
  const { help, json, ...rest } = values
  if (help) return { kind: 'help', command, positionals, values: rest, json: json === true }
  count(command, positionals)
  return { kind: 'run', command, positionals, values: rest, json: json === true }
}

/** The verb with the most words that the line begins with. */
function find(args: readonly string[], commands: readonly Command[]): Command | undefined {
  return commands
    .filter(({ words }) => words.every((word, index) => word === args[index]))
    .sort((a, b) => b.words.length - a.words.length)[0]
}

function scan(given: readonly string[], command: Command) {
  const options = [...(command.options ?? []), ...COMMON]
  const values: Record<string, string | true> = {}
  const positionals: string[] = []
  let plain = false
  const args = [...given]
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!
    if (plain || arg === '-' || !arg.startsWith('-')) {
      positionals.push(arg)
      continue
    }
    if (arg === '--') {
      plain = true
      continue
    }
    const letters = apart(arg, options)
    if (letters.length > 1) {
      args.splice(index--, 1, ...letters)
      continue
    }
    const [, name = '', inline] = /^([^=]*)(?:=(.*))?$/s.exec(arg)!
    const option = options.find(each => flags(each).includes(name))
    if (!option) throw unknownOption(arg, options)
    let value: string | true = true
    if (option.value !== undefined) {
      const given = inline ?? args[++index]
      if (given === undefined || given === '')
        throw new LineError(
          'LINE_VALUE',
          `--${option.name} needs a value: --${option.name} ${option.value}`,
        )
      value = given
    } else if (inline !== undefined) {
      throw new LineError('LINE_VALUE', `--${option.name} takes no value`)
    }
    if (values[option.name] !== undefined)
      throw new LineError('LINE_VALUE', `--${option.name} is given twice`)
    values[option.name] = value
  }
  return { positionals, values }
}

/** `-rf` as `-r` and `-f`, when both are switches. */
function apart(arg: string, options: readonly Option[]): string[] {
  if (!/^-\w\w+$/.test(arg)) return [arg]
  const letters = [...arg.slice(1)]
  const isSwitch = (letter: string) =>
    options.some(({ short, value }) => short === letter && value === undefined)
  return letters.every(isSwitch) ? letters.map(letter => `-${letter}`) : [arg]
}

/** `--recursive`, and `-r` when there is one. */
export function flags({ name, short }: Option): string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]
}

function count(command: Command, given: readonly string[]): void {
  const verb = `blocktree ${command.words.join(' ')}`
  const wanted = command.positionals ?? []
  const lacking = wanted.filter(({ optional }) => optional !== true)[given.length]
  if (lacking)
    throw new LineError('LINE_MISSING', `${verb} needs ${lacking.name}: ${lacking.about}`)
  if (given.length > wanted.length && wanted.at(-1)?.many !== true)
    throw new LineError(
      'LINE_EXTRA',
      `'${given[wanted.length]}' is one word too many; try ${verb} --help`,
    )
  for (const [index, { name, choices }] of wanted.entries()) {
    const word = given[index]
    if (word !== undefined && choices && !choices.includes(word))
      throw new LineError('LINE_VALUE', `${name} is one of ${choices.join(', ')}, not '${word}'`)
  }
}

function unknownVerb(args: readonly string[], commands: readonly Command[]): LineError {
  const known = commands.map(each => each.words.join(' '))
  const said = args.filter(arg => !arg.startsWith('-')).slice(0, 2)
  const guess = nearest(said.join(' '), known) ?? nearest(said[0] ?? '', known)
  const below = known.filter(each => each.startsWith(`${said[0]} `))
  return new LineError(
    'LINE_UNKNOWN_VERB',
    `there is no '${said.join(' ')}'; ` +
      (guess
        ? `did you mean '${guess}'?`
        : `known are ${(below.length ? below : known).join(', ')}`),
  )
}

function unknownOption(arg: string, options: readonly Option[]): LineError {
  const known = options.map(each => `--${each.name}`)
  const guess = nearest(arg.split('=')[0]!, known)
  return new LineError(
    'LINE_UNKNOWN_OPTION',
    `there is no option ${arg}; ` +
      (guess ? `did you mean ${guess}?` : `known are ${known.join(', ')}`),
  )
}
