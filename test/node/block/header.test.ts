import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forHistory, forParent, forReader } from '../../../node/block/block-key.ts'
import { headerBody, type Header } from '../../../node/block/header-schema.ts'
import { openHeader, parentOf, signHeader } from '../../../node/block/header.ts'
import { multihash } from '../../../node/crypto/hash.ts'
import { signedFormat } from '../../../node/crypto/signed.ts'
import { fixedKeys, repeatable } from '../crypto/fixed.ts'
import {
  block,
  fileHeader,
  keyOf,
  OWNER,
  ROOT,
  rootHeader,
  signed,
  somebody,
  TREE,
} from './sample.ts'

const other = block('other')
const place = { tree: TREE, id: fileHeader().id }
const key = keyOf('file')
const random = repeatable('shape')
const parents = [...fileHeader().parents, forParent(place, key, other, keyOf('other'), random)]
const history = [1, 2].map(epoch =>
  forHistory(place, keyOf('file', epoch), keyOf('file', 3), random),
)
const reader = await forReader(
  place,
  key,
  OWNER.principal,
  fixedKeys('25519').decrypt.publicKey,
  random,
)
const root = await rootHeader()

describe('a header', () => {
  it('opens to what was signed, under the hash of its bytes', async () => {
    for (const header of [fileHeader(), await rootHeader()]) {
      const made = await signed(header)
      const opened = openHeader(made.bytes)
      assert.deepEqual(headerBody.encode(opened.header), headerBody.encode(header))
      assert.deepEqual(opened.hash, multihash(made.bytes))
      assert.deepEqual(made.hash, opened.hash)
    }
  })

  it('names the parent whose writers count', async () => {
    assert.equal(parentOf(fileHeader()), ROOT)
    assert.equal(parentOf(await rootHeader()), undefined)
  })

  it('is signed by the writer it names', async () => {
    const header = fileHeader()
    await assert.rejects(signHeader(header, somebody('other')), { code: 'PRINCIPAL_OTHER' })
    const p256 = somebody('chip', 'P-256')
    const { bytes } = await signed(header, p256)
    assert.ok(openHeader(bytes).header.writer.equals(p256.signKey))
  })

  const RIGHT: [string, Partial<Header>][] = [
    ['two parents', { parents }],
    ['earlier keys', { epoch: 3, history: history.toReversed() }],
    ['a reader', { readcaps: [reader] }],
  ]
  for (const [what, change] of RIGHT)
    it(`may have ${what}`, async () => {
      const { bytes } = await signed(fileHeader(change))
      const { header } = openHeader(bytes)
      assert.deepEqual(headerBody.encode(header), headerBody.encode(fileHeader(change)))
    })

  const WRONG: [string, Header, RegExp][] = [
    ['of generation 0', fileHeader({ generation: 0n }), /generation 0/],
    ['the second without the first', fileHeader({ generation: 2n }), /name the one before/],
    ['the first after another', fileHeader({ previous: multihash() }), /name the one before/],
    ['without a parent', fileHeader({ parents: [] }), /must have a parent/],
    ['of the root block with a parent', { ...root, parents }, /must have a parent/],
    ['of the root block as a file', { ...root, kind: 'file' }, /but a file/],
    ['of a directory in two', fileHeader({ parents, kind: 'directory' }), /several parents/],
    ['with a parent twice', fileHeader({ parents: [parents[0]!, ...parents] }), /parent twice/],
    ['below itself', fileHeader({ id: other, parents }), /its own parent/],
    ['with a reader twice', fileHeader({ readcaps: [reader, reader] }), /reader twice/],
    ['with rising earlier keys', fileHeader({ epoch: 3, history }), /falling order/],
    ['with its own key as earlier', fileHeader({ epoch: 2, history: [history[1]!] }), /falling/],
    [
      'with a root but no sectors',
      fileHeader({ merkleRoot: multihash(new Uint8Array(1)) }),
      /no sec/,
    ],
    ['with root records in a file', fileHeader({ roots: root.roots! }), /root records/],
  ]
  for (const [what, header, message] of WRONG)
    it(`${what} is refused`, async () => {
      await assert.rejects(signed(header), { code: 'BLOCK_SHAPE', message })
    })

  it('that fits together nowhere is refused also when its signature is right', async () => {
    const format = signedFormat('block-header', headerBody, ({ writer }) => writer)
    const bytes = await format.sign(fileHeader({ generation: 0n }), OWNER)
    assert.throws(() => openHeader(bytes), { code: 'BLOCK_SHAPE' })
  })

  it('of the root block without root records is refused', async () => {
    const { roots: _, ...bare } = root
    await assert.rejects(signed(bare), { code: 'BLOCK_SHAPE', message: /root records/ })
  })
})
