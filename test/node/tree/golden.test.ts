/** The formats of trees, frozen; and every bit of them flipped. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseBlockId, rootBlockId } from '../../../node/block/id.ts'
import { writecapFormat } from '../../../node/block/writecap.ts'
import { encode } from '../../../node/codec/encode.ts'
import { CodecError } from '../../../node/codec/error.ts'
import { recordOf, storeOf } from '../../../node/crypto/key-pairs.ts'
import { decodeBucket, encodeBucket, type Entry } from '../../../node/tree/bucket.ts'
import { grantFormat } from '../../../node/tree/grant.ts'
import { leaseFormat } from '../../../node/tree/lease-note.ts'
import { requestFormat } from '../../../node/tree/requests.ts'
import { flips, golden } from '../../golden/golden.ts'
import { fixedKeys } from '../crypto/fixed.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')

async function keeper(seed: string) {
  const keys = fixedKeys('25519', seed)
  return storeOf('memory', keys, await recordOf(keys))
}
const [owner, other] = [await keeper('owner'), await keeper('other')]
const tree = owner.principal

const ENTRIES: Entry[] = [
  { name: 'Zürich', id: parseBlockId('0f'.repeat(16)), kind: 'directory' },
  { name: 'a.txt', id: parseBlockId('1e'.repeat(16)), kind: 'file' },
]
const LEASE = { v: 1, token: 7, holder: other.principal, expires: NOW } as const
const REQUEST = {
  v: 1,
  tree,
  path: `/${tree}/docs`,
  write: true,
  note: 'please',
  by: other.signKey,
  record: other.record,
  at: NOW,
} as const
const cap = await writecapFormat.sign(
  {
    v: 1,
    tree,
    issuer: owner.signKey,
    to: other.principal,
    scope: rootBlockId(tree),
    notBefore: NOW,
    expires: NOW + 3600_000,
    depth: 1,
  },
  owner,
)

describe('the golden files of trees', () => {
  it('hold a bucket of a directory', () => {
    const file = golden('tree/bucket.bin', encodeBucket(ENTRIES))
    assert.deepEqual(encodeBucket(ENTRIES), file)
    // By the bytes of the names.
    assert.deepEqual([...decodeBucket(file).keys()], ['Zürich', 'a.txt'])
    const sealed = new Uint8Array(512)
    sealed.set(file)
    assert.deepEqual([...decodeBucket(sealed).values()], ENTRIES)
  })

  it('hold a lease, a grant and a request', async () => {
    const grant = { v: 1, chain: [cap] } as const
    const files = {
      'tree/lease.cbor': leaseFormat.encode(LEASE),
      'tree/grant.cbor': grantFormat.encode(grant),
      'tree/access-request.cbor': await requestFormat.sign(REQUEST, other),
    }
    for (const [name, made] of Object.entries(files))
      assert.deepEqual(made, golden(name, made), name)
    assert.deepEqual(leaseFormat.decode(golden('tree/lease.cbor')), LEASE)
    assert.deepEqual(grantFormat.decode(golden('tree/grant.cbor')), grant)
    const { path, note, write } = requestFormat.open(golden('tree/access-request.cbor'))
    assert.deepEqual([path, note, write], [REQUEST.path, 'please', true])
  })

  it('with any bit flipped are refused, or are the encoding of something else', () => {
    let refused = 0
    for (const { bit, bad } of flips(golden('tree/bucket.bin')))
      try {
        assert.deepEqual(encodeBucket(decodeBucket(bad).values()), bad, `bit ${bit}`)
      } catch (error) {
        const { code } = error as { code?: string }
        assert.ok(error instanceof CodecError || code === 'TREE_DAMAGED', `bit ${bit}: ${error}`)
        refused++
      }
    assert.ok(refused > 200, `${refused} refused`)
    for (const { bad } of flips(golden('tree/access-request.cbor')))
      assert.throws(() => requestFormat.open(bad))
  })

  it('of a bucket cut off or lengthened are refused', () => {
    const file = golden('tree/bucket.bin')
    for (let length = 1; length < file.length; length++)
      assert.throws(() => decodeBucket(file.subarray(0, length)), { code: 'TREE_DAMAGED' })
    assert.equal(decodeBucket(new Uint8Array()).size, 0)
    assert.throws(() => decodeBucket(Buffer.concat([file, Buffer.from('x')])), {
      code: 'TREE_DAMAGED',
    })
  })

  it('of a bucket have each name once, in order, and names that may be', () => {
    const one = (name: string, kind = 'file') => ({ id: new Uint8Array(16), kind, name })
    const raw = (...entries: object[]) => {
      const encoded = encode({ v: 1, entries })
      const plain = Buffer.alloc(4 + encoded.length)
      plain.writeUInt32BE(encoded.length)
      plain.set(encoded, 4)
      return () => decodeBucket(plain)
    }
    assert.equal(raw(one('a'), one('b'))().size, 2)
    for (const wrong of [raw(one('b'), one('a')), raw(one('a'), one('a'))])
      assert.throws(wrong, { code: 'TREE_DAMAGED' })
    for (const name of ['..', 'a/b', 'a\0'])
      assert.throws(raw(one(name)), { code: 'CODEC_VALUE', path: 'directory.entries[0].name' })
    assert.throws(raw(one('')), { code: 'CODEC_LENGTH' })
    assert.throws(raw(one('a', 'pipe')), { code: 'CODEC_VALUE' })
  })
})
