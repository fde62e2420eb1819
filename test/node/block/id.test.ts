import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  blockIdBytes,
  blockIdFrom,
  newBlockId,
  parseBlockId,
  rootBlockId,
} from '../../../node/block/id.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { repeatable } from '../crypto/fixed.ts'
import { somebody, TREE } from './sample.ts'

describe('a block id', () => {
  it('is 16 random bytes in hexadecimal digits', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => i * 17)
    const id = newBlockId(() => bytes)
    assert.equal(id, '00112233445566778899aabbccddeeff')
    assert.deepEqual(blockIdBytes(id), bytes)
    assert.equal(blockIdFrom(bytes), id)
    assert.equal(parseBlockId(id), id)
    assert.notEqual(newBlockId(systemRandom), newBlockId(systemRandom))
  })

  for (const text of ['', 'a'.repeat(31), 'a'.repeat(33), 'A'.repeat(32), `${'a'.repeat(31)}g`])
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseBlockId(text), { code: 'BLOCK_ID' })
    })

  it('is not 15 or 17 bytes', () => {
    for (const length of [0, 15, 17])
      assert.throws(() => blockIdFrom(repeatable('id')(length)), { code: 'BLOCK_ID' })
  })

  it('of a root block follows from the tree', () => {
    assert.equal(rootBlockId(TREE), rootBlockId(TREE))
    assert.notEqual(rootBlockId(TREE), rootBlockId(somebody('other').principal))
    assert.notEqual(rootBlockId(TREE), rootBlockId(somebody('owner', 'P-256').principal))
  })
})
