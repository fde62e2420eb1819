/**
 * The fast path of a build: when no input and no result has been touched since the last one, there
 * is nothing to do, and no recipe needs to be read to know it. What counts as touched is what the
 * file system says: size, inode, and the times of the last change of contents and of anything.
 */
import { join } from 'node:path'
import { readJson, writeAtomic } from './engine/atomic.ts'
import { mark } from './engine/mark.ts'
import { BUILD } from './paths.ts'

export type NoopState<Result> = {
  /** Text of {@link mark} by absolute path: files, and folders whose listing counts. */
  readonly marks: Readonly<Record<string, string>>
  readonly result: Result
}

export const stateFile = (name: string) => join(BUILD, 'state', `${name}.json`)

/** The last result, when nothing it came from or consists of was touched since. */
export function unchanged<Result>(name: string): Result | undefined {
  const state = readJson<NoopState<Result>>(stateFile(name))
  if (state === undefined) return undefined
  for (const path in state.marks) if (mark(path) !== state.marks[path]) return undefined
  return state.result
}

/** Remembers a result with what it came from. `marked` are taken before the build reads anything. */
export function remember<Result>(
  name: string,
  marks: Record<string, string>,
  result: Result,
): void {
  writeAtomic(stateFile(name), JSON.stringify({ marks, result } satisfies NoopState<Result>))
}
