/** The rules that must hold when a header is taken; each has headers that break just it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forHistory, forParent } from '../../../node/block/block-key.ts'
import type { Authority } from '../../../node/block/chain.ts'
import type { Header } from '../../../node/block/header-schema.ts'
import type { OpenHeader } from '../../../node/block/header.ts'
import { checkReceipt, type Receipt } from '../../../node/block/receipt.ts'
import { revocationFormat, type Revocation } from '../../../node/block/revocation.ts'
import { checkOnPath, checkSectorEpoch } from '../../../node/block/rules.ts'
import { sealSector } from '../../../node/block/sector.ts'
import { multihash } from '../../../node/crypto/hash.ts'
import { repeatable } from '../crypto/fixed.ts'
import {
  AUTHORITY,
  block,
  cap,
  fileHeader,
  HOUR,
  keyOf,
  nextHeader,
  NOW,
  OWNER,
  ROOT,
  rootHeader,
  signed,
  somebody,
  TREE,
  type Somebody,
} from './sample.ts'

const [a, b] = [somebody('a'), somebody('b')]
/** Directories below the root block; `a` may write the one, `b` the other. */
const [ofA, ofB] = [block('of a'), block('of b')]
const capA = await cap(OWNER, a, { scope: ofA })
const capB = await cap(OWNER, b, { scope: ofB })

const id = block('file')
const random = repeatable('rules')
const under = (parent: typeof ROOT, ...more: (typeof ROOT)[]) => ({
  parents: [parent, ...more].map(one =>
    forParent({ tree: TREE, id }, keyOf('f'), one, keyOf('p'), random),
  ),
})
/** A file in the directory of `a`, as it stands. */
const stored = await signed(fileHeader({ id, ...under(ofA), chain: [capA] }), a)

const take = (receipt: Receipt, authority: Partial<Authority> = {}) =>
  checkReceipt(receipt, { ...AUTHORITY(), ...authority })
const follows = (change: Partial<Header>, by: Somebody = a, previous = stored) =>
  signed(nextHeader(previous, change), by)
const replaces = (next: OpenHeader, where: Partial<Receipt> = {}): Receipt => ({
  previous: stored,
  next,
  parentPath: [ROOT, ofA],
  ...where,
})

describe('a header that is taken', () => {
  it('may be the first of its block, by one who may write its parent', async () => {
    take({ previous: undefined, next: stored, parentPath: [ROOT, ofA] })
    const owners = await signed(fileHeader({ id, ...under(ofB) }))
    take({ previous: undefined, next: owners, parentPath: [ROOT, ofB] })
    const root = await signed(await rootHeader())
    take({ previous: undefined, next: root, parentPath: [] })
  })

  it('may follow the one here, at the same time or later, up to 5 minutes from now', async () => {
    for (const time of [NOW, NOW + 5 * 60_000]) take(replaces(await follows({ time })))
  })

  it('may be moved by one who may write both directories, and by nobody else’s leave', async () => {
    const both = await cap(OWNER, a)
    const next = await follows({ ...under(ofB), chain: [both] })
    take(replaces(next, { newParentPath: [ROOT, ofB] }))
  })

  it('may get another directory that holds it, as its second', async () => {
    take(replaces(await follows(under(ofA, ofB))))
  })

  it('by the holder of a writecap for the block alone may follow, but not move', async () => {
    const only = await cap(OWNER, b, { scope: id })
    take(replaces(await follows({ chain: [only] }, b)))
    const moved = await follows({ ...under(ofB), chain: [only] }, b)
    assert.throws(() => take(replaces(moved, { newParentPath: [ROOT, ofB] })), {
      code: 'CHAIN_SCOPE',
    })
    const fresh = await signed(fileHeader({ id, ...under(ofA), chain: [only] }), b)
    const first = { previous: undefined, next: fresh, parentPath: [ROOT, ofA] }
    assert.throws(() => take(first), { code: 'CHAIN_SCOPE' })
  })
})

describe('rule 1: no capture by moving', () => {
  it('refuses one who may write only where the block is to be', async () => {
    const next = await follows({ ...under(ofB), chain: [capB] }, b)
    assert.throws(() => take(replaces(next, { newParentPath: [ROOT, ofB] })), {
      code: 'CHAIN_SCOPE',
    })
  })

  it('refuses one who may write only where the block was', async () => {
    const next = await follows({ ...under(ofB), chain: [capA] })
    assert.throws(() => take(replaces(next, { newParentPath: [ROOT, ofB] })), {
      code: 'CHAIN_SCOPE',
    })
  })

  it('refuses another’s directory as first parent, the right one as second', async () => {
    const next = await follows({ ...under(ofB, ofA), chain: [capB] }, b)
    assert.throws(() => take(replaces(next, { newParentPath: [ROOT, ofB] })), {
      code: 'CHAIN_SCOPE',
    })
  })

  it('refuses a move below itself', async () => {
    const dir = await signed(fileHeader({ id, kind: 'directory', ...under(ofA), chain: [capA] }), a)
    const below = block('below')
    const next = await follows({ ...under(below), chain: [] }, OWNER, dir)
    const path = [ROOT, ofA, id, below]
    assert.throws(() => take(replaces(next, { previous: dir, newParentPath: path })), {
      code: 'BLOCK_CYCLE',
    })
  })

  it('refuses to look at a path that is not the block’s', async () => {
    const next = await follows({})
    assert.throws(() => take(replaces(next, { parentPath: [ROOT, ofB] })), { code: 'PATH_BROKEN' })
    const moved = await follows({ ...under(ofB), chain: [] }, OWNER)
    assert.throws(() => take(replaces(moved)), { code: 'PATH_BROKEN' })
    const wrong = { newParentPath: [ROOT, ofA] }
    assert.throws(() => take(replaces(moved, wrong)), { code: 'PATH_BROKEN' })
  })

  const WRONG: [string, string, Partial<Header>][] = [
    ['another block', 'BLOCK_OTHER', { id: block('other') }],
    ['another kind', 'BLOCK_OTHER', { kind: 'symlink' }],
    [
      'the generation that is there',
      'BLOCK_GENERATION',
      { generation: 1n, previous: undefined as never },
    ],
    ['a generation too late', 'BLOCK_GENERATION', { generation: 3n }],
    ['what follows another header', 'BLOCK_PREVIOUS', { previous: multihash() }],
  ]
  for (const [what, code, change] of WRONG)
    it(`refuses ${what}`, async () => {
      const { previous, ...header } = { ...nextHeader(stored), ...change }
      const next = await signed(previous ? { ...header, previous } : (header as Header), a)
      assert.throws(() => take(replaces(next)), { code })
    })

  it('refuses an earlier epoch, and another tree', async () => {
    const later = await signed(fileHeader({ id, ...under(ofA), chain: [capA], epoch: 2 }), a)
    const next = await follows({ epoch: 1 }, a, later)
    assert.throws(() => take(replaces(next, { previous: later })), { code: 'BLOCK_EPOCH' })
    const tree = somebody('other').principal
    assert.throws(() => take(replaces({ ...next, header: { ...next.header, tree } })), {
      code: 'BLOCK_OTHER',
    })
  })

  it('refuses a later header where none is', async () => {
    const receipt = { ...replaces(await follows({})), previous: undefined }
    assert.throws(() => take(receipt), { code: 'BLOCK_GENERATION' })
  })
})

describe('rule 2: readers trust the path they took', () => {
  it('refuses a writer of the directory that the header names, when the reader came by another', () => {
    checkOnPath(stored, [ROOT, ofA, id], AUTHORITY())
    assert.throws(() => checkOnPath(stored, [ROOT, ofB, id], AUTHORITY()), { code: 'CHAIN_SCOPE' })
  })
})

describe('rule 3: no back-dating', () => {
  const NOT: [string, string, number][] = [
    ['before the header it replaces', 'BLOCK_BACKWARDS', NOW - 1],
    ['later than now and 5 minutes', 'BLOCK_FUTURE', NOW + 5 * 60_000 + 1],
  ]
  for (const [what, code, time] of NOT)
    it(`refuses a time ${what}`, async () => {
      const next = await follows({ time })
      assert.throws(() => take(replaces(next)), { code })
    })

  it('refuses a first header from the future', async () => {
    const next = await signed(fileHeader({ id, ...under(ofA), chain: [capA], time: NOW + HOUR }), a)
    const first = { previous: undefined, next, parentPath: [ROOT, ofA] }
    assert.throws(() => take(first), { code: 'BLOCK_FUTURE' })
  })

  it('refuses a writecap that has ended when the header is first received, whatever it claims', async () => {
    const next = await follows({ time: NOW })
    take(replaces(next), { at: NOW + HOUR - 1 })
    assert.throws(() => take(replaces(next), { at: NOW + HOUR }), { code: 'CHAIN_EXPIRED' })
  })
})

describe('rule 4: revocations are carried', () => {
  const revoke = (by: Somebody, change: Partial<Revocation> = {}) =>
    revocationFormat.sign(
      {
        v: 1,
        tree: TREE,
        scope: ofA,
        cap: multihash(capA),
        expires: NOW + HOUR,
        by: by.signKey,
        at: NOW,
        ...change,
      },
      by,
    )
  const inRoot = { parentPath: [ROOT] }
  const root = {
    parents: [forParent({ tree: TREE, id: ofA }, keyOf('d'), ROOT, keyOf('root'), random)],
  }
  const directory = (revocations: readonly Uint8Array[]) =>
    signed(fileHeader({ id: ofA, kind: 'directory', ...root, revocations }))
  const whole = cap(OWNER, b)

  it('takes new ones, and those that were there', async () => {
    const [one, two] = [await revoke(OWNER), await revoke(b)]
    const previous = await directory([one])
    const next = await follows({ revocations: [two, one], chain: [await whole] }, b, previous)
    take({ previous, next, ...inRoot })
  })

  it('refuses to leave one out', async () => {
    const one = await revoke(b, { expires: NOW + 2 })
    const previous = await directory([await revoke(b), one])
    const next = await follows(
      { revocations: [one], time: NOW + 1, chain: [await whole] },
      b,
      previous,
    )
    assert.throws(() => take({ previous, next, ...inRoot }), { code: 'BLOCK_DROPPED' })
  })

  it('lets go of those that have expired', async () => {
    const previous = await directory([await revoke(b, { expires: NOW + 1 })])
    const change = { revocations: [], chain: [await whole] }
    const early = await follows({ ...change, time: NOW }, b, previous)
    assert.throws(() => take({ previous, next: early, ...inRoot }), { code: 'BLOCK_DROPPED' })
    const next = await follows({ ...change, time: NOW + 1 }, b, previous)
    take({ previous, next, ...inRoot })
  })

  it('lets the owner clear out what others put in, but not what the owner revoked', async () => {
    const [owners, others] = [await revoke(OWNER), await revoke(b)]
    const previous = await directory([owners, others])
    const change = { chain: [], time: NOW + 1 }
    const next = await follows({ ...change, revocations: [owners] }, OWNER, previous)
    take({ previous, next, ...inRoot })
    const bad = await follows({ ...change, revocations: [others] }, OWNER, previous)
    assert.throws(() => take({ previous, next: bad, ...inRoot }), { code: 'BLOCK_DROPPED' })
  })

  it('refuses one that belongs elsewhere, or that is none', async () => {
    const previous = await directory([])
    const stray = [await revoke(OWNER, { scope: ofB }), await revoke(OWNER, { tree: b.principal })]
    for (const one of stray) {
      const next = await follows({ revocations: [one] }, OWNER, previous)
      assert.throws(() => take({ previous, next, ...inRoot }), { code: 'BLOCK_REVOCATION' })
    }
    const next = await follows({ revocations: [capA] }, OWNER, previous)
    assert.throws(() => take({ previous, next, ...inRoot }), { code: /^CODEC_/ })
  })
})

describe('rule 5: each sector names its key’s epoch', () => {
  const place = { tree: TREE, id }
  const history = [forHistory(place, keyOf('f', 2), keyOf('f', 5), random)]
  const header = fileHeader({ id, epoch: 5, history })
  const sector = (epoch: number) =>
    sealSector(keyOf('f', epoch).key, place, epoch, 0, new Uint8Array(3), random)

  it('takes those of the header’s epoch and of its history', () => {
    assert.equal(checkSectorEpoch(header, sector(5)), 5)
    assert.equal(checkSectorEpoch(header, sector(2)), 2)
  })

  for (const epoch of [0, 1, 3, 6])
    it(`refuses epoch ${epoch}`, () => {
      assert.throws(() => checkSectorEpoch(header, sector(epoch)), { code: 'BLOCK_EPOCH' })
    })
})
