import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemRandom } from '../../../node/crypto/random.ts'
import {
  seal,
  SEAL_OVERHEAD,
  unseal,
  unwrapKey,
  wrapKey,
  WRAPPED_KEY_BYTES,
} from '../../../node/crypto/seal.ts'
import { SymmetricKey } from '../../../node/crypto/symmetric-key.ts'
import { golden } from '../../golden/golden.ts'
import { ascii, flip, hex, repeatable } from './fixed.ts'

const key = SymmetricKey.generate(repeatable('seal'))
const here = ascii('tree/block/0')
const notAuthentic = { name: 'CryptoError', code: 'SEALED_NOT_AUTHENTIC' }

describe('sealing (AES-256-GCM)', () => {
  // McGrew and Viega, The Galois/Counter Mode of Operation, appendix B.
  const VECTORS = [
    ['13', '00'.repeat(32), '00'.repeat(12), '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    [
      '14',
      '00'.repeat(32),
      '00'.repeat(12),
      '',
      '00'.repeat(16),
      'cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919',
    ],
    [
      '16',
      'feffe9928665731c6d6a8f9467308308'.repeat(2),
      'cafebabefacedbaddecaf888',
      'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      `d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
       1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39`,
      `522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
       8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662
       76fc6ece0f4e1768cddf8853bb2d551b`,
    ],
  ] as const
  for (const [test, k, nonce, aad, plain, sealed] of VECTORS)
    it(`is that of the GCM specification, test case ${test}`, () => {
      const fixed = SymmetricKey.from(hex(k))
      const found = seal(fixed, hex(aad), hex(plain), () => hex(nonce))
      assert.deepEqual(new Uint8Array(found), hex(`21 ${nonce} ${sealed}`))
      assert.deepEqual(new Uint8Array(unseal(fixed, hex(aad), found)), hex(plain))
    })

  it('opens to what was sealed, for every length up to 64 bytes and for 64 KiB', () => {
    for (const length of [...Array(65).keys(), 65536]) {
      const plain = repeatable(`${length}`)(length)
      const sealed = seal(key, here, plain, systemRandom)
      assert.equal(sealed.length, length + SEAL_OVERHEAD)
      assert.deepEqual(new Uint8Array(unseal(key, here, sealed)), plain)
    }
  })

  it('is different each time', () => {
    const [a, b] = [0, 1].map(() => seal(key, here, ascii('same'), systemRandom))
    assert.notDeepEqual(a, b)
  })

  it('opens the golden file', () => {
    const made = seal(key, here, ascii('hello'), repeatable('nonce'))
    const file = golden('crypto/sealed.bin', made)
    assert.deepEqual(new Uint8Array(made), file)
    assert.deepEqual(new Uint8Array(unseal(key, here, file)), ascii('hello'))
  })

  it('refuses any flipped bit', () => {
    const sealed = golden('crypto/sealed.bin')
    for (let bit = 8; bit < sealed.length * 8; bit++)
      assert.throws(() => unseal(key, here, flip(sealed, bit)), notAuthentic)
    for (let bit = 0; bit < 8; bit++)
      assert.throws(() => unseal(key, here, flip(sealed, bit)), { code: 'SEALED_MALFORMED' })
  })

  it('refuses another place, another key, and every cut', () => {
    const sealed = golden('crypto/sealed.bin')
    assert.throws(() => unseal(key, ascii('tree/block/1'), sealed), notAuthentic)
    assert.throws(() => unseal(key, new Uint8Array(), sealed), notAuthentic)
    const other = SymmetricKey.generate(repeatable('other'))
    assert.throws(() => unseal(other, here, sealed), notAuthentic)
    for (let length = 0; length < sealed.length; length++)
      assert.throws(() => unseal(key, here, sealed.subarray(0, length)), {
        code: length < SEAL_OVERHEAD ? 'SEALED_MALFORMED' : 'SEALED_NOT_AUTHENTIC',
      })
  })

  it('names the wrong length of a key', () => {
    for (const length of [0, 16, 31, 33])
      assert.throws(() => SymmetricKey.from(new Uint8Array(length)), { code: 'KEY_LENGTH' })
  })
})

describe('a key wrapped under another', () => {
  const inner = SymmetricKey.generate(repeatable('inner'))

  it('comes back, and opens what it sealed', () => {
    const wrapped = wrapKey(key, here, inner, systemRandom)
    assert.equal(wrapped.length, WRAPPED_KEY_BYTES)
    const sealed = seal(inner, here, ascii('deep'), systemRandom)
    assert.deepEqual(
      new Uint8Array(unseal(unwrapKey(key, here, wrapped), here, sealed)),
      ascii('deep'),
    )
  })

  it('is refused elsewhere, and when it is no key', () => {
    const wrapped = wrapKey(key, here, inner, systemRandom)
    assert.throws(() => unwrapKey(key, ascii('there'), wrapped), notAuthentic)
    const short = seal(key, here, new Uint8Array(16), systemRandom)
    assert.throws(() => unwrapKey(key, here, short), { code: 'KEY_LENGTH' })
  })
})
