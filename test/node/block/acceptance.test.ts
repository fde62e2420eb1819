import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  acceptanceFormat,
  expectAccepted,
  openAcceptance,
  type Acceptance,
} from '../../../node/block/acceptance.ts'
import type { OpenHeader } from '../../../node/block/header.ts'
import { checkAccepted, checkReceipt } from '../../../node/block/receipt.ts'
import { Revocations } from '../../../node/block/revocations.ts'
import { multihash } from '../../../node/crypto/hash.ts'
import {
  AUTHORITY,
  block,
  cap,
  fileHeader,
  HOUR,
  nextHeader,
  NOW,
  OWNER,
  ROOT,
  signed,
  somebody,
  TREE,
  type Somebody,
} from './sample.ts'

const DAY = 24 * HOUR
const [node, writer] = [somebody('node'), somebody('writer')]
const nodeCap = await cap(OWNER, node, { expires: NOW + 30 * DAY })
const writerCap = await cap(OWNER, writer)
const header = await signed(fileHeader({ chain: [writerCap] }), writer)

const names = ({ header: { id, generation }, hash }: OpenHeader) => ({ id, generation, hash })
const accept = (change: Partial<Acceptance> = {}, by: Somebody = node) =>
  acceptanceFormat.sign(
    {
      v: 1,
      tree: TREE,
      at: NOW + 1000,
      by: by.signKey,
      chain: [nodeCap],
      blocks: [names(header)],
      ...change,
    },
    by,
  )
const revocation = (at: number) => ({
  v: 1 as const,
  tree: TREE,
  scope: ROOT,
  cap: multihash(writerCap),
  expires: NOW + HOUR,
  by: OWNER.signKey,
  at,
})
const receipt = { previous: undefined, next: header, parentPath: [ROOT] }

const part = await cap(OWNER, node, { scope: block('file') })
const over = await cap(OWNER, node, { expires: NOW + 1000 })
const foreign = await cap(node, node)

describe('an acceptance', () => {
  it('keeps a header valid when its writer’s capability has ended', async () => {
    const late = { ...AUTHORITY(), at: NOW + DAY }
    assert.throws(() => checkReceipt(receipt, late), { code: 'CHAIN_EXPIRED' })
    const { at } = checkAccepted(receipt, await accept(), AUTHORITY())
    assert.equal(at, NOW + 1000)
  })

  it('keeps it valid when the writer was revoked later, not when that was before', async () => {
    const known = (at: number) => ({
      ...AUTHORITY(),
      revocations: new Revocations([revocation(at)]),
    })
    checkAccepted(receipt, await accept(), known(NOW + 1001))
    const before = await accept()
    assert.throws(() => checkAccepted(receipt, before, known(NOW + 1000)), {
      code: 'CHAIN_REVOKED',
    })
  })

  it('is for all headers of a commit, up to 1,024', async () => {
    const others = Array.from({ length: 1023 }, (_, i) => ({ ...names(header), id: block(`${i}`) }))
    const full = await accept({ blocks: [...others, names(header)] })
    checkAccepted(receipt, full, AUTHORITY())
    const tooMany = accept({ blocks: [...others, names(header), names(header)] })
    await assert.rejects(tooMany, { code: 'CODEC_LENGTH', path: 'acceptance.blocks' })
    await assert.rejects(accept({ blocks: [] }), { code: 'CODEC_LENGTH' })
  })

  it('by the owner’s key needs no chain', async () => {
    checkAccepted(receipt, await accept({ chain: [] }, OWNER), AUTHORITY())
  })

  const NOT: [string, string, Partial<Acceptance>][] = [
    ['of a node that may write only a part of the tree', 'CHAIN_SCOPE', { chain: [part] }],
    ['of a node whose own right had ended', 'CHAIN_EXPIRED', { chain: [over] }],
    ['of a node without any', 'CHAIN_ROOT', { chain: [] }],
    ['of a node that gave itself the right', 'CHAIN_ROOT', { chain: [foreign] }],
    ['signed before the writer’s capability began', 'CHAIN_EARLY', { at: NOW - 1 }],
    ['signed when that had ended', 'CHAIN_EXPIRED', { at: NOW + HOUR }],
    ['of another tree', 'ACCEPTANCE_OTHER', { tree: node.principal }],
    ['of another block', 'ACCEPTANCE_OTHER', { blocks: [{ ...names(header), id: block('x') }] }],
    [
      'of another generation',
      'ACCEPTANCE_OTHER',
      { blocks: [{ ...names(header), generation: 2n }] },
    ],
    [
      'of another version',
      'ACCEPTANCE_OTHER',
      { blocks: [{ ...names(header), hash: multihash() }] },
    ],
  ]
  for (const [what, code, change] of NOT)
    it(`${what} does not count`, async () => {
      const chain = await cap(OWNER, node, { notBefore: 0, expires: NOW + DAY })
      const made = await accept({ chain: [chain], ...change })
      assert.throws(() => checkAccepted(receipt, made, AUTHORITY()), { code })
    })

  it('does not let through what another rule refuses', async () => {
    const next = await signed(nextHeader(header, { time: NOW + HOUR }), writer)
    const made = await accept({ blocks: [names(next)] })
    const later = { ...receipt, previous: header, next }
    assert.throws(() => checkAccepted(later, made, AUTHORITY()), { code: 'BLOCK_FUTURE' })
  })

  it('can be looked at alone', async () => {
    const acceptance = openAcceptance(TREE, await accept(), AUTHORITY())
    expectAccepted(acceptance, header)
    assert.ok(acceptance.by.equals(node.signKey))
    const other = await accept({ tree: node.principal })
    assert.throws(() => openAcceptance(TREE, other, AUTHORITY()), { code: 'ACCEPTANCE_OTHER' })
  })

  it('holds when the node that signed it was revoked later, not when that was before', async () => {
    const cap = multihash(nodeCap)
    const known = (at: number) => ({
      ...AUTHORITY(),
      revocations: new Revocations([{ ...revocation(at), cap }]),
    })
    checkAccepted(receipt, await accept(), known(NOW + 1001))
    const before = await accept()
    assert.throws(() => checkAccepted(receipt, before, known(NOW + 1000)), {
      code: 'CHAIN_REVOKED',
    })
  })
})
