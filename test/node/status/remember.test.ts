/** Answers kept for a moment. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { remember } from '../../../node/status/remember.ts'

describe('remember', () => {
  it('asks again only when the answer is old enough', () => {
    let [now, asked] = [0, 0]
    const get = remember(
      () => ++asked,
      1000,
      () => now,
    )
    const seen = [0, 999, 1000, 1999, 2000].map(at => {
      now = at
      return get()
    })
    assert.deepEqual(seen, [1, 1, 2, 2, 3])
  })

  it('keeps no failure', () => {
    let asked = 0
    const get = remember(
      () => {
        if (++asked === 1) throw new Error('first')
        return asked
      },
      1000,
      () => 0,
    )
    assert.throws(get, /first/)
    assert.equal(get(), 2)
  })
})
