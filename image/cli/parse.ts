/**
 * Reads a command line by a verb's record, with node:util's parseArgs as the scanner. What does not
 * fit is refused with the nearest known word; the CLI then ends with 2.
 */
import { parseArgs } from 'node:util'
import { nearest } from '../recipe/nearest.ts'
import type { Command, Option, Values } from './command.ts'

export class UsageError extends Error {
  readonly code:
    | 'USAGE_VERB'
    | 'USAGE_OPTION'
    | 'USAGE_VALUE'
    | 'USAGE_ARGUMENT_MISSING'
    | 'USAGE_ARGUMENT_EXTRA'
  constructor(code: UsageError['code'], message: string) {
    super(message)
    this.name = 'UsageError'
    this.code = code
  }
}

export type Parsed = {
  readonly positionals: readonly string[]
  readonly values: Values
  readonly json: boolean
  readonly help: boolean
}

/** Understood by every verb. */
export const COMMON: readonly Option[] = [
  { name: 'json', type: 'boolean', about: 'print the result as JSON' },
  { name: 'help', short: 'h', type: 'boolean', about: 'show this help' },
]

/**
 * Parses what follows the verb. Arguments are not counted when help is asked for.
 *
 * @throws {UsageError} `USAGE_OPTION` no such option, or given twice; `USAGE_VALUE` a value is
 *   missing, too much, or none of the choices; `USAGE_ARGUMENT_MISSING`, `USAGE_ARGUMENT_EXTRA`.
 */
export function parse(command: Command, args: readonly string[]): Parsed {
  const known = [...(command.options ?? []), ...COMMON]
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(known.map(option => [option.name, scanned(option)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const values: Record<string, string | number | boolean> = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const option = known.find(({ name }) => name === token.name)
    if (option === undefined) throw unknown(command, token.rawName, known)
    if (option.name in values)
      throw new UsageError('USAGE_OPTION', `${token.rawName} is given twice, once is enough`)
    values[option.name] = value(option, token.rawName, token.value, token.inlineValue === true)
  }
  const { help = false, json = false, ...rest } = values
  if (help !== true) count(command, positionals)
  return { positionals, values: rest, json: json === true, help: help === true }
}

function scanned({ type, short }: Option) {
  const scan = type === 'boolean' ? ('boolean' as const) : ('string' as const)
  return short === undefined ? { type: scan } : { type: scan, short }
}

function unknown(command: Command, raw: string, known: readonly Option[]): UsageError {
  const close = nearest(
    raw.replace(/^-+/, ''),
    known.map(option => option.name),
  )
  const hint =
    close === undefined ? `bt ${command.name} --help lists them` : `did you mean --${close}?`
  return new UsageError('USAGE_OPTION', `bt ${command.name} has no option ${raw}; ${hint}`)
}

function value(option: Option, raw: string, text: string | undefined, inline: boolean) {
  const wrong = (expected: string) => {
    const found = text === undefined ? 'none is given' : `not ${JSON.stringify(text)}`
    return new UsageError('USAGE_VALUE', `${raw} takes ${expected}, ${found}`)
  }
  if (option.type === 'boolean') {
    if (text !== undefined) throw wrong('no value')
    return true
  }
  const { choices, type } = option
  const expected =
    choices === undefined ? `a value (${option.value ?? 'VALUE'})` : `one of ${choices.join(', ')}`
  if (text === undefined || text === '' || (!inline && /^-./.test(text))) throw wrong(expected)
  if (choices !== undefined && !choices.includes(text)) throw wrong(expected)
  if (type === 'string') return text
  if (!/^\d{1,9}$/.test(text)) throw wrong('a whole number')
  return Number(text)
}

function count(command: Command, given: readonly string[]): void {
  const wanted = command.positionals ?? []
  const lacking = wanted.filter(({ optional }) => optional !== true)[given.length]
  if (lacking !== undefined)
    throw new UsageError(
      'USAGE_ARGUMENT_MISSING',
      `bt ${command.name} needs ${lacking.name}: ${lacking.about}`,
    )
  if (given.length > wanted.length && wanted.at(-1)?.many !== true)
    throw new UsageError(
      'USAGE_ARGUMENT_EXTRA',
      `bt ${command.name} takes ${wanted.length === 0 ? 'no' : `at most ${wanted.length}`} ` +
        `argument${wanted.length === 1 ? '' : 's'}, ${JSON.stringify(given[wanted.length])} is one too many`,
    )
}
