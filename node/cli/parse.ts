/** Reads a command line by the records of the verbs; what does not fit is refused and explained. */
import type { Command, Option, Values } from './command.ts'
import { nearest } from './nearest.ts'

export class LineError extends Error {
  readonly code: 'LINE_UNKNOWN_VERB' | 'LINE_UNKNOWN_OPTION' | 'LINE_VALUE' | 'LINE_EXTRA'
  constructor(code: LineError['code'], message: string) {
    super(message)
    this.name = 'LineError'
    this.code = code
  }
}

export type Line =
  | { readonly kind: 'help'; readonly command?: Command }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly command: Command; readonly values: Values }

/** Understood with every verb. */
export const HELP: Option = { name: 'help', about: 'Explain and exit.' }
const VERSION: Option = { name: 'version', about: 'Print the version and exit.' }

/**
 * @param args  what follows the program's name.
 * @throws {LineError} `LINE_UNKNOWN_VERB`, `LINE_UNKNOWN_OPTION`, `LINE_VALUE` an option without its
 *   value, with one too many or given twice, `LINE_EXTRA` a word that nothing takes.
 */
export function parseLine(args: readonly string[], commands: readonly Command[]): Line {
  const first = args[0]
  if (first === undefined || first === '--help' || first === '-h' || first === 'help')
    return { kind: 'help' }
  if (first === '--version' || first === '-V') return { kind: 'version' }
  if (first.startsWith('-')) throw unknownOption(first, [HELP, VERSION])
  const command = commands.find(each => each.words.every((word, index) => word === args[index]))
  if (!command) throw unknownVerb(args, commands)
  const values = parseOptions(args.slice(command.words.length), command)
  if (values['help']) return { kind: 'help', command }
  return { kind: 'run', command, values }
}

function parseOptions(args: readonly string[], command: Command): Values {
  const options = [...command.options, HELP]
  const values: Record<string, string | true> = {}
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] === '-h' ? '--help' : args[index]!
    if (!arg.startsWith('-'))
      throw new LineError('LINE_EXTRA', `'${arg}' is one word too many; try --help`)
    const [name = '', ...rest] = arg.replace(/^--/, '').split('=')
    const option = arg.startsWith('--') ? options.find(each => each.name === name) : undefined
    if (!option) throw unknownOption(arg, options)
    let value: string | true = true
    if (option.value !== undefined) {
      const given = rest.length > 0 ? rest.join('=') : args[++index]
      if (given === undefined || given === '')
        throw new LineError('LINE_VALUE', `--${name} needs a value: --${name} ${option.value}`)
      value = given
    } else if (rest.length > 0) {
      throw new LineError('LINE_VALUE', `--${name} takes no value`)
    }
    if (values[name] !== undefined) throw new LineError('LINE_VALUE', `--${name} is given twice`)
    values[name] = value
  }
  return values
}

function unknownVerb(args: readonly string[], commands: readonly Command[]): LineError {
  const known = commands.map(each => each.words.join(' '))
  const said = args.filter(arg => !arg.startsWith('-')).slice(0, 2)
  const guess = nearest(said.join(' '), known) ?? nearest(said[0] ?? '', known)
  return new LineError(
    'LINE_UNKNOWN_VERB',
    `there is no '${said.join(' ')}'; ` +
      (guess ? `did you mean '${guess}'?` : `known are ${known.join(', ')}`),
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
