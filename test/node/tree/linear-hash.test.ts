import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { bucketOf, hashOf, splitOf } from '../../../node/tree/linear-hash.ts'

describe('linear hashing (Litwin 1980)', () => {
  it('hashes a name to the first 8 bytes of SHA-256, the buckets take the lowest bits', () => {
    const digest = createHash('sha256').update('ä.txt').digest()
    const full = digest.readBigUInt64BE(0)
    for (const count of [1, 2, 1024, 65536])
      assert.equal(bucketOf(hashOf('ä.txt'), count), Number(full % BigInt(count)))
  })

  it('moves only what belongs to the new bucket, and only out of the one that is split', () => {
    const hashes = Array.from({ length: 2000 }, (_, i) => hashOf(`file ${i}`))
    for (let count = 1; count < 70; count++)
      for (const hash of hashes) {
        const [before, after] = [bucketOf(hash, count), bucketOf(hash, count + 1)]
        assert.ok(before < count)
        if (before !== after) assert.deepEqual([before, after], [splitOf(count), count])
      }
  })

  it('uses every bucket, none more than twice as much as it should be', () => {
    const count = 48
    const used = new Array<number>(count).fill(0)
    for (let i = 0; i < 48_000; i++) used[bucketOf(hashOf(`n${i}`), count)]!++
    // 16 are split already and hold half of what the other 32 - 16 do.
    assert.ok(Math.min(...used) > 600, `${Math.min(...used)}`)
    assert.ok(Math.max(...used) < 1700, `${Math.max(...used)}`)
  })
})
