/** Spans of time in words. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { duration } from '../../../node/status/duration.ts'

describe('duration', () => {
  it('names the two largest units', () => {
    const rows = [
      [0, '0 seconds'],
      [1, '1 second'],
      [59, '59 seconds'],
      [60, '1 minute'],
      [3599, '59 minutes'],
      [3600, '1 hour'],
      [3660, '1 hour and 1 minute'],
      [86_399, '23 hours and 59 minutes'],
      [86_400, '1 day'],
      [90_000, '1 day and 1 hour'],
      [277_384, '3 days and 5 hours'],
    ] as const
    for (const [seconds, words] of rows) assert.equal(duration(seconds), words)
  })
})
