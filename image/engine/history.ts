/** What the last two different actions of every recipe were made of: what `bt why` compares. */
import { join } from 'node:path'
import type { Action } from './action.ts'
import { readJson, writeAtomic } from './atomic.ts'

export type History = { readonly now: Action; readonly before?: Action }

const file = (build: string, recipe: string) => join(build, 'why', `${recipe}.json`)

export function noteAction(build: string, recipe: string, action: Action): void {
  const last = readHistory(build, recipe)?.now
  if (last?.key === action.key) return
  const history: History = { now: action, ...(last && { before: last }) }
  writeAtomic(file(build, recipe), JSON.stringify(history))
}

export function readHistory(build: string, recipe: string): History | undefined {
  return readJson<History>(file(build, recipe))
}
