import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { openAttributes, sealAttributes } from '../../../node/block/attributes.ts'
import { openSector, sealSector, sectorEpoch } from '../../../node/block/sector.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { ATTRIBUTES, block, keyOf, somebody, TREE } from './sample.ts'

const { key } = keyOf('sectors')
const place = { tree: TREE, id: block('sectors') }

describe('a sector', () => {
  it('opens to what was sealed, and names its epoch', () => {
    const number = fc.integer({ min: 1, max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 99 }), number, fc.maxSafeNat(), (plain, epoch, at) => {
        const sector = sealSector(key, place, epoch, at, plain, systemRandom)
        assert.equal(sector.length, plain.length + 33)
        assert.equal(sectorEpoch(sector), epoch)
        assert.deepEqual(new Uint8Array(openSector(key, place, at, sector)), plain)
      }),
      { numRuns: 50 },
    )
  })

  it('opens nowhere else', () => {
    const sector = sealSector(key, place, 3, 5, new Uint8Array(9), systemRandom)
    const moved = Uint8Array.from(sector)
    moved[3] = 4
    const not = { code: 'SEALED_NOT_AUTHENTIC' }
    assert.throws(() => openSector(key, place, 6, sector), not)
    assert.throws(() => openSector(key, { ...place, id: block('b') }, 5, sector), not)
    const tree = somebody('other').principal
    assert.throws(() => openSector(key, { ...place, tree }, 5, sector), not)
    assert.throws(() => openSector(keyOf('other').key, place, 5, sector), not)
    assert.throws(() => openSector(key, place, 5, moved), not)
  })

  it('of too few bytes is none', () => {
    for (const length of [0, 4, 32])
      assert.throws(() => sectorEpoch(new Uint8Array(length)), { code: 'SEALED_MALFORMED' })
  })
})

describe('attributes', () => {
  it('open to what was sealed, for their block and epoch only', () => {
    const sealed = sealAttributes(key, place, 2, ATTRIBUTES, systemRandom)
    assert.deepEqual(openAttributes(key, place, 2, sealed), ATTRIBUTES)
    const not = { code: 'SEALED_NOT_AUTHENTIC' }
    assert.throws(() => openAttributes(key, place, 3, sealed), not)
    assert.throws(() => openAttributes(key, { ...place, id: block('b') }, 2, sealed), not)
  })

  it('are not taken for a sector, nor a sector for them', () => {
    const sealed = sealAttributes(key, place, 2, ATTRIBUTES, systemRandom)
    const sector = Buffer.concat([new Uint8Array([0, 0, 0, 2]), sealed])
    assert.throws(() => openSector(key, place, 0, sector), { code: 'SEALED_NOT_AUTHENTIC' })
  })

  it('are refused when they are none', () => {
    const wrong = { ...ATTRIBUTES, mode: 0o10000 }
    assert.throws(() => sealAttributes(key, place, 1, wrong, systemRandom), {
      code: 'CODEC_RANGE',
      path: 'attributes.mode',
    })
  })
})
