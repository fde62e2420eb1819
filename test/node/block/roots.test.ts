import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CapabilityCache } from '../../../node/block/capability-cache.ts'
import { checkReceipt } from '../../../node/block/receipt.ts'
import { rootRecordFormat, type RootRecord } from '../../../node/block/root-record.ts'
import { openRoots, rootKeyAt } from '../../../node/block/roots.ts'
import { successorCommitment } from '../../../node/crypto/root-key.ts'
import {
  AUTHORITY,
  HOUR,
  nextHeader,
  NOW,
  OWNER,
  rootHeader,
  signed,
  somebody,
  TREE,
  type Somebody,
} from './sample.ts'

const KEYS = [OWNER, somebody('owner 1'), somebody('owner 2', 'P-256'), somebody('owner 3')]
const record = (n: number, change: Partial<RootRecord> = {}, by: Somebody = KEYS[n]!) =>
  rootRecordFormat.sign(
    {
      v: 1,
      tree: TREE,
      generation: n,
      key: by.signKey,
      successor: successorCommitment(KEYS[n + 1]!.signKey),
      at: NOW + n * HOUR,
      ...change,
    },
    by,
  )
const open = (...signed: Uint8Array[]) => openRoots(TREE, signed, new CapabilityCache())
const [zero, one, two] = [await record(0), await record(1), await record(2)]

describe('root records', () => {
  it('lead from the tree’s key to the one that owns it now', () => {
    assert.equal(open(zero).length, 1)
    const records = open(zero, one, two)
    const owner = (at: number) => KEYS.findIndex(key => key.signKey.equals(rootKeyAt(records, at)))
    assert.equal(owner(0), 0)
    assert.equal(owner(NOW + HOUR - 1), 0)
    assert.equal(owner(NOW + HOUR), 1)
    assert.equal(owner(NOW + 99 * HOUR), 2)
  })

  const stranger = somebody('stranger')
  const WRONG: [string, string, () => Promise<Uint8Array[]>][] = [
    ['begin with another’s', 'ROOTS_FIRST', async () => [await record(0, {}, stranger)]],
    ['lack the first', 'ROOTS_FIRST', async () => [one, two]],
    [
      'begin with the tree’s key for another tree',
      'ROOTS_FIRST',
      async () => [await record(0, { tree: stranger.principal })],
    ],
    ['lack one between', 'ROOTS_ORDER', async () => [zero, two]],
    ['have one twice', 'ROOTS_ORDER', async () => [zero, zero]],
    ['go back in time', 'ROOTS_ORDER', async () => [zero, await record(1, { at: NOW - 1 })]],
    [
      'have one for another tree',
      'ROOTS_ORDER',
      async () => [zero, await record(1, { tree: stranger.principal })],
    ],
    [
      'have a key that was not announced',
      'ROOT_SUCCESSOR_OTHER',
      async () => [zero, await record(1, {}, stranger)],
    ],
  ]
  for (const [what, code, make] of WRONG)
    it(`that ${what} are refused`, async () => {
      const records = await make()
      assert.throws(() => open(...records), { code })
    })
})

const first = await signed(await rootHeader())
const before = first.header.roots![0]!

describe('a root block', () => {
  const authority = { ...AUTHORITY(), at: NOW + HOUR }
  const take = async (roots: Uint8Array[], by: Somebody) => {
    const next = await signed(nextHeader(first, { roots, time: NOW + HOUR }), by)
    checkReceipt({ previous: first, next, parentPath: [] }, authority)
  }

  it('may get another owner, who writes it', async () => {
    await take([before, one], KEYS[1]!)
    await take([before], OWNER)
  })

  it('with another owner is no longer the old owner’s to write', async () => {
    await assert.rejects(take([before, one], OWNER), { code: 'CHAIN_ROOT' })
  })

  it('is not the next owner’s before that one has taken over', async () => {
    await assert.rejects(take([before], KEYS[1]!), { code: 'CHAIN_ROOT' })
    const later = await record(1, { at: NOW + HOUR + 1 })
    await assert.rejects(take([before, later], KEYS[1]!), { code: 'CHAIN_ROOT' })
  })

  it('keeps its records', async () => {
    const previous = await signed(nextHeader(first, { roots: [before, one] }), KEYS[1])
    const other = await record(0, { at: NOW + 1 })
    for (const roots of [[before], [other, one], [other]]) {
      const next = await signed(nextHeader(previous, { roots }), KEYS[1])
      assert.throws(() => checkReceipt({ previous, next, parentPath: [] }, authority), {
        code: 'ROOTS_CHANGED',
      })
    }
  })
})
