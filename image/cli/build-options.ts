/** What every verb that is about an image asks for: the board and the variant. */
import type { Variant } from '../recipe/context.ts'
import type { Option, Positional, Values } from './command.ts'
import { UsageError } from './parse.ts'

export const boardArgument: Positional = {
  name: 'BOARD',
  about: 'a file of board/ (default: qemu-x86_64)',
  optional: true,
  completes: 'board',
}

export const BUILD_OPTIONS: readonly Option[] = [
  { name: 'dev', type: 'boolean', about: 'with a root shell on the console (default)' },
  { name: 'release', type: 'boolean', about: 'without any login, and compressed for download' },
  {
    name: 'kernel',
    type: 'string',
    value: 'RECIPE',
    about: "kernel recipe (default: the board's)",
  },
]

/** @throws {UsageError} `USAGE_OPTION` when `--dev` and `--release` are both given. */
export function variantOf(values: Values): Variant {
  if (values['dev'] && values['release'])
    throw new UsageError('USAGE_OPTION', '--dev and --release exclude each other: choose one')
  const kernel = values['kernel'] as string | undefined
  return { profile: values['release'] ? 'release' : 'dev', ...(kernel !== undefined && { kernel }) }
}
