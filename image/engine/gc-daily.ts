/** Keeps the cache from growing for ever without anybody having to think of it. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomic } from './atomic.ts'
import { collect, GcError } from './gc.ts'

/** Bytes: what a few boards with their older releases take. */
export const CACHE_LIMIT = 20 * 2 ** 30
const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Shrinks the cache to {@link CACHE_LIMIT} when that was last done over a day ago and no other build
 * runs.
 *
 * @param now  Milliseconds since 1970.
 * @returns bytes freed.
 */
export function collectDaily(cache: string, now: number, limit = CACHE_LIMIT): number {
  const note = join(cache, 'collected')
  const last = statSync(note, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (now - last < DAY_MS) return 0
  try {
    const { before, after } = collect(cache, limit)
    writeAtomic(note, '')
    return before - after
  } catch (error) {
    if (error instanceof GcError) return 0
    throw error
  }
}
