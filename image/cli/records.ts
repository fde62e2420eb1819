/** Loads the records of verbs: one by name, or all for the help and the completions. */
import { nearest } from '../recipe/nearest.ts'
import type { Command } from './command.ts'
import { UsageError } from './parse.ts'
import { VERBS } from './verbs.ts'

/** @throws {UsageError} `USAGE_VERB` with the nearest verb. */
export async function record(name: string): Promise<Command> {
  const load = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (load !== undefined) return load()
  const close = nearest(name, Object.keys(VERBS))
  const hint = close === undefined ? 'bt help lists the verbs' : `did you mean bt ${close}?`
  throw new UsageError('USAGE_VERB', `bt has no verb ${JSON.stringify(name)}; ${hint}`)
}

/** All records, in the order of the help. */
export function records(): Promise<Command[]> {
  return Promise.all(Object.values(VERBS).map(load => load()))
}
