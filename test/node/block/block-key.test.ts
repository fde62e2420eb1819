import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  forHistory,
  forParent,
  forReader,
  fromParent,
  fromReadcap,
  keyOfEpoch,
  publicKeyOf,
} from '../../../node/block/block-key.ts'
import { recordOf, storeOf } from '../../../node/crypto/key-pairs.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { bytesOf } from '../../../node/crypto/symmetric-key.ts'
import { fixedKeys, type CURVES } from '../crypto/fixed.ts'
import { block, fileHeader, keyOf, somebody, TREE } from './sample.ts'

const place = { tree: TREE, id: block('file') }
const [dir, other] = [block('dir'), block('other')]
const own = keyOf('own', 3)
const same = (a: typeof own.key, b: typeof own.key) => assert.deepEqual(bytesOf(a), bytesOf(b))
const shut = { code: 'SEALED_NOT_AUTHENTIC' }

describe('a block’s key', () => {
  it('comes from the parent’s key of the epoch that is named', () => {
    const parent = forParent(place, own, dir, keyOf('dir', 7), systemRandom)
    assert.deepEqual([parent.id, parent.epoch, parent.key.length], [dir, 7, 61])
    const header = fileHeader({ ...place, epoch: 3, parents: [parent] })
    same(fromParent(header, parent, keyOf('dir', 7).key), own.key)
  })

  it('does not come from elsewhere', () => {
    const under = keyOf('dir', 7)
    const parent = forParent(place, own, dir, under, systemRandom)
    const header = fileHeader({ ...place, epoch: 3 })
    const tree = somebody('other').principal
    for (const [one, entry] of [
      [header, { ...parent, id: other }],
      [header, { ...parent, epoch: 8 }],
      [{ ...header, epoch: 4 }, parent],
      [{ ...header, id: other }, parent],
      [{ ...header, tree }, parent],
    ] as const)
      assert.throws(() => fromParent(one, entry, under.key), shut)
    assert.throws(() => fromParent(header, parent, keyOf('dir', 6).key), shut)
  })

  it('of an earlier epoch comes from the one now', () => {
    const history = [2, 1].map(epoch => forHistory(place, keyOf('own', epoch), own, systemRandom))
    const header = fileHeader({ ...place, epoch: 3, history })
    for (const epoch of [1, 2, 3]) same(keyOfEpoch(header, own.key, epoch), keyOf('own', epoch).key)
    assert.equal(keyOfEpoch(header, own.key, 3), own.key)
    assert.throws(() => keyOfEpoch(header, own.key, 4), { code: 'BLOCK_EPOCH' })
    assert.throws(() => keyOfEpoch(header, keyOf('own', 2).key, 1), shut)
    const swapped = [
      { ...history[0]!, epoch: 1 },
      { ...history[1]!, epoch: 2 },
    ]
    assert.throws(() => keyOfEpoch({ ...header, history: swapped }, own.key, 1), shut)
    assert.throws(() => keyOfEpoch({ ...header, epoch: 4 }, own.key, 1), shut)
  })

  for (const curve of ['25519', 'P-256'] as const)
    it(`comes to a reader with a key on ${curve}, and to nobody else`, async () => {
      const store = async (name: string, on: keyof typeof CURVES = curve) => {
        const keys = fixedKeys(on, name)
        return storeOf('memory', keys, await recordOf(keys))
      }
      const reader = await store('reader')
      const { principal, decryptKey } = reader
      const readcap = await forReader(place, own, principal, decryptKey, systemRandom)
      const header = fileHeader({ ...place, epoch: 3, readcaps: [readcap] })
      same(await fromReadcap(header, readcap, reader), own.key)
      await assert.rejects(fromReadcap(header, readcap, await store('thief')), shut)
      await assert.rejects(fromReadcap({ ...header, epoch: 4 }, readcap, reader), shut)
      await assert.rejects(fromReadcap({ ...header, id: other }, readcap, reader), shut)
    })

  it('of a public block is there for all', () => {
    const publicKey = bytesOf(own.key)
    same(publicKeyOf(fileHeader({ publicKey }))!, own.key)
    assert.equal(publicKeyOf(fileHeader()), undefined)
  })
})
