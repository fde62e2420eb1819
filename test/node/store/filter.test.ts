import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { systemRandom } from '../../../node/crypto/random.ts'
import { Filter } from '../../../node/store/filter.ts'

const hashes = (count: number) => Array.from({ length: count }, () => randomBytes(32))

describe('the filter of a collection', () => {
  it('has all that was added, whatever the salt', () => {
    for (const expected of [0, 1, 20_000]) {
      const filter = new Filter(expected, systemRandom)
      const added = hashes(20_000)
      for (const hash of added) filter.add(hash)
      for (const hash of added) assert.ok(filter.has(hash))
    }
  })

  it('takes hardly any other for one of them, and not the same ones with another salt', () => {
    const [added, others] = [hashes(50_000), hashes(50_000)]
    const wrong = Array.from({ length: 2 }, () => {
      // Expects a tenth of what comes, so that some are taken for others at all.
      const filter = new Filter(5_000, systemRandom)
      for (const hash of added) filter.add(hash)
      return new Set(others.filter(hash => filter.has(hash)))
    })
    for (const { size } of wrong) assert.ok(size > 0 && size < 10_000, `${size} of 50,000`)
    const both = wrong[0]!.intersection(wrong[1]!).size
    assert.ok(both < wrong[0]!.size / 2, `${both} with both salts, ${wrong[0]!.size} with one`)
    const right = new Filter(50_000, systemRandom)
    for (const hash of added) right.add(hash)
    assert.ok(others.filter(hash => right.has(hash)).length < 20)
  })
})
