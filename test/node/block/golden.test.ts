/** The formats of blocks, frozen; and every bit of them flipped. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { acceptanceFormat } from '../../../node/block/acceptance.ts'
import { attributesFormat, openAttributes } from '../../../node/block/attributes.ts'
import { fromParent, fromReadcap, keyOfEpoch } from '../../../node/block/block-key.ts'
import { CapabilityCache } from '../../../node/block/capability-cache.ts'
import { digestOf } from '../../../node/block/hash-schema.ts'
import { openHeader } from '../../../node/block/header.ts'
import { rootBlockId } from '../../../node/block/id.ts'
import { leafHash, rootOver } from '../../../node/block/merkle-hash.ts'
import { checkReceipt } from '../../../node/block/receipt.ts'
import { revocationFormat } from '../../../node/block/revocation.ts'
import { rootRecordFormat } from '../../../node/block/root-record.ts'
import { checkSectorEpoch } from '../../../node/block/rules.ts'
import { openSector } from '../../../node/block/sector.ts'
import { writecapFormat } from '../../../node/block/writecap.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { recordOf, storeOf } from '../../../node/crypto/key-pairs.ts'
import { bytesOf } from '../../../node/crypto/symmetric-key.ts'
import { flips, golden } from '../../golden/golden.ts'
import { fixedKeys } from '../crypto/fixed.ts'
import {
  ATTRIBUTES_OF_FILE,
  CONTENT,
  FILES,
  first,
  KEYS,
  PATH,
  PLACE,
  SECTORS,
} from './golden-values.ts'
import { AUTHORITY, keyOf, NOW, TREE } from './sample.ts'

const file = (name: string) => golden(`block/${name}`, FILES[name])

describe('the golden files of blocks', () => {
  for (const [name, made] of Object.entries(FILES))
    it(`hold ${name} as it is made now`, () => {
      assert.deepEqual(Buffer.from(made).toString('hex'), Buffer.from(file(name)).toString('hex'))
    })

  it('name the root block', () => {
    const id = sha256(file('root-block-id.bin')).subarray(0, 16)
    assert.equal(rootBlockId(TREE), Buffer.from(id).toString('hex'))
  })

  it('open: a file’s header, its keys, attributes and sectors', async () => {
    const { header } = openHeader(file('header.cbor'))
    const [parent] = header.parents
    const key = fromParent(header, parent!, keyOf('directory', 3).key)
    assert.deepEqual(bytesOf(key), bytesOf(KEYS[1]!.key))
    assert.deepEqual(
      openAttributes(key, header, header.epoch, header.attributes),
      ATTRIBUTES_OF_FILE,
    )
    assert.deepEqual(attributesFormat.decode(file('attributes.cbor')), ATTRIBUTES_OF_FILE)
    assert.deepEqual(digestOf(header.merkleRoot), rootOver(file('page.bin')))
    for (const [i, sector] of [SECTORS[0]!, file('sector.bin')].entries()) {
      assert.deepEqual(leafHash(i, sector), file('page.bin').slice(i * 32, i * 32 + 32))
      const own = keyOfEpoch(header, key, checkSectorEpoch(header, sector))
      assert.deepEqual(new Uint8Array(openSector(own, header, i, sector)), CONTENT[i])
    }
    const keys = fixedKeys('25519', 'reader')
    const reader = storeOf('memory', keys, await recordOf(keys))
    const read = await fromReadcap(header, header.readcaps[0]!, reader)
    assert.deepEqual(bytesOf(read), bytesOf(key))
  })

  it('open: headers that are taken, and an acceptance', () => {
    const file2 = openHeader(file('header.cbor'))
    checkReceipt({ previous: first, next: file2, parentPath: PATH }, AUTHORITY())
    const next = openHeader(file('root-block.cbor'))
    checkReceipt({ previous: undefined, next, parentPath: [] }, AUTHORITY())
    const { at, blocks } = acceptanceFormat.open(file('acceptance.cbor'))
    assert.equal(at, NOW + 1000)
    assert.deepEqual(blocks[0]!.hash, file2.hash)
  })
})

const OPEN: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  'header.cbor': openHeader,
  'root-block.cbor': openHeader,
  'writecap.cbor': writecapFormat.open,
  'revocation.cbor': revocationFormat.open,
  'root-record.cbor': rootRecordFormat.open,
  'acceptance.cbor': acceptanceFormat.open,
}

describe('any bit flipped', () => {
  for (const [name, open] of Object.entries(OPEN))
    it(`in ${name} is refused, as a wrong field or signature`, () => {
      const codes = new Map<string, number>()
      for (const { bit, bad } of flips(file(name)))
        assert.throws(
          () => open(bad),
          ({ code }: { code: string }) => {
            codes.set(code, (codes.get(code) ?? 0) + 1)
            return /^(CODEC_[A-Z_0-9]+|SIGNATURE_(WRONG|MALFORMED))$/.test(code)
          },
          `bit ${bit}`,
        )
      // Keys, hashes and signatures are most of it, and only the signature protects those.
      assert.ok(codes.get('SIGNATURE_WRONG')! > file(name).length * 4, `${[...codes]}`)
      assert.equal(codes.get('SIGNATURE_MALFORMED'), 8, 'the signature’s algorithm')
    })

  it('in a writecap of a chain does not get past the cache', () => {
    const { writecaps } = new CapabilityCache()
    const right = writecaps.open(file('writecap.cbor'))
    for (const { bit, bad } of flips(file('writecap.cbor')))
      if (bit % 7 === 0) assert.throws(() => writecaps.open(bad))
    assert.equal(writecaps.open(file('writecap.cbor')), right)
    assert.equal(writecaps.size, 1)
  })

  it('in a sector gives another leaf, and does not open', () => {
    const leaf = leafHash(1, file('sector.bin'))
    for (const { bit, bad } of flips(file('sector.bin'))) {
      assert.notDeepEqual(leafHash(1, bad), leaf)
      const code = bit >> 3 === 4 ? 'SEALED_MALFORMED' : 'SEALED_NOT_AUTHENTIC'
      assert.throws(() => openSector(KEYS[1]!.key, PLACE, 1, bad), { code }, `bit ${bit}`)
    }
  })

  it('in a page gives another root', () => {
    const root = rootOver(file('page.bin'))
    for (const { bad } of flips(file('page.bin'))) assert.notDeepEqual(rootOver(bad), root)
  })
})
