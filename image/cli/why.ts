/** `bt why`: what made a recipe's key change, so that a surprising rebuild is never a mystery. */
import { BUILD } from '../paths.ts'
import { readHistory } from '../engine/history.ts'
import { nearest } from '../recipe/nearest.ts'
import { recipeNames } from '../recipe/load.ts'
import type { Command } from './command.ts'
import { UsageError } from './parse.ts'

export class WhyError extends Error {
  readonly code = 'WHY_NOT_BUILT'
  constructor(message: string) {
    super(message)
    this.name = 'WhyError'
  }
}

export const why: Command = {
  name: 'why',
  about: 'Say which inputs of a recipe changed since its last build.',
  positionals: [{ name: 'RECIPE', about: 'a file of recipes/', completes: 'recipe' }],
  examples: [
    ['bt why root', 'one changed input a line, what it was and what it is'],
    ['bt why blocktree --json', 'the same for scripts'],
  ],

  async run({ positionals: [name], json, io }) {
    const history = readHistory(BUILD, name!)
    if (history === undefined) {
      const known = recipeNames()
      if (known.includes(name!))
        throw new WhyError(`${name} was not built in this checkout yet: bt build`)
      const meant = nearest(name!, known)
      throw new UsageError(
        'USAGE_VALUE',
        `there is no recipe ${name}${meant ? `, did you mean ${meant}?` : ''}`,
      )
    }
    const { now, before } = history
    const names = new Set([...Object.keys(before?.parts ?? {}), ...Object.keys(now.parts)])
    const changed = [...names]
      .filter(part => before !== undefined && before.parts[part] !== now.parts[part])
      .map(part => ({ part, before: before?.parts[part] ?? null, now: now.parts[part] ?? null }))
    if (json)
      io.out(JSON.stringify({ recipe: name, key: now.key, before: before?.key ?? null, changed }))
    else if (before === undefined)
      io.out(`${name} was built once in this checkout: nothing to compare`)
    else
      for (const { part, before: old, now: new_ } of changed)
        io.out(`${part}\n  - ${old ?? '(not there)'}\n  + ${new_ ?? '(gone)'}`)
    return 0
  },
}
