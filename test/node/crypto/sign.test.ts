import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SigningInput } from '../../../node/codec/signing.ts'
import { signingInput } from '../../../node/codec/signing.ts'
import { ECDSA_P256 } from '../../../node/crypto/algorithm.ts'
import { isLowS, lowS } from '../../../node/crypto/p256.ts'
import { PrivateKey } from '../../../node/crypto/private-key.ts'
import { sign, signatureOf, SIGNATURE_BYTES, verify } from '../../../node/crypto/sign.ts'
import { ascii, fixedKeys, flip, hex } from './fixed.ts'

/** Vectors sign bare messages. */
const bare = (message: Uint8Array) => message as SigningInput
const input = signingInput('test', ascii('content'))

describe('Ed25519 (RFC 8032, 7.1)', () => {
  const VECTORS = [
    [
      'test 1',
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      '',
      `e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555
       fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b`,
    ],
    [
      'test 2',
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '72',
      `92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0
       85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00`,
    ],
  ] as const
  for (const [name, secret, message, signature] of VECTORS)
    it(name, () => {
      const key = PrivateKey.from('sign', hex(`01${secret}`))
      assert.deepEqual(sign(key, bare(hex(message))), hex(`01${signature}`))
      verify(key.publicKey, bare(hex(message)), hex(`01${signature}`))
    })

  it('refuses s increased by the order: there is one signature', () => {
    const key = fixedKeys('25519').sign
    const signature = sign(key, input)
    const order = hex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
    let carry = 0
    for (let i = 0; i < 32; i++) {
      const sum = signature[33 + i]! + order[i]! + carry
      signature[33 + i] = sum & 0xff
      carry = sum >> 8
    }
    assert.throws(() => verify(key.publicKey, input, signature), { code: 'SIGNATURE_WRONG' })
  })
})

describe('ECDSA P-256 (RFC 6979, A.2.5, SHA-256)', () => {
  const key = PrivateKey.from(
    'sign',
    hex('02c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721'),
  )
  const sample = hex(`efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716
    f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8`)

  it('takes the message “sample” with the smaller s only', () => {
    assert.ok(!isLowS(sample))
    verify(key.publicKey, bare(ascii('sample')), signatureOf(ECDSA_P256, sample))
    const large = Uint8Array.from([2, ...sample])
    assert.throws(() => verify(key.publicKey, bare(ascii('sample')), large), {
      code: 'SIGNATURE_MALFORMED',
    })
  })

  it('takes the message “test”', () => {
    const small = hex(`f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367
      019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083`)
    assert.ok(isLowS(small))
    verify(key.publicKey, bare(ascii('test')), signatureOf(ECDSA_P256, small))
  })

  it('halves s exactly: n / 2 rounded down is the largest that is left alone', () => {
    const half = hex(
      `${'11'.repeat(32)}7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8`,
    )
    assert.equal(lowS(half), half)
    const above = Uint8Array.from(half)
    above[63]! += 1
    assert.deepEqual(lowS(above), half)
    const most = hex(
      `${'11'.repeat(32)}ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550`,
    )
    assert.deepEqual(lowS(most), hex(`${'11'.repeat(32)}${'00'.repeat(31)}01`))
  })

  it('makes signatures with the smaller s, whatever was drawn', () => {
    for (let i = 0; i < 40; i++) {
      const signature = sign(key, input)
      assert.ok(isLowS(signature.subarray(1)))
      verify(key.publicKey, input, signature)
    }
  })
})

for (const curve of ['25519', 'P-256'] as const) {
  const key = fixedKeys(curve).sign
  const other = fixedKeys(curve, 'other').sign
  const signature = sign(key, input)
  const malformed = { name: 'CryptoError', code: 'SIGNATURE_MALFORMED' }

  describe(`a signature on ${curve}`, () => {
    it('is of 65 bytes, and fits', () => {
      assert.equal(signature.length, SIGNATURE_BYTES)
      verify(key.publicKey, input, signature)
    })

    it('does not fit with any bit flipped', () => {
      for (let bit = 0; bit < signature.length * 8; bit++)
        assert.throws(() => verify(key.publicKey, input, flip(signature, bit)), {
          code: /^SIGNATURE_(WRONG|MALFORMED)$/,
        })
    })

    it('does not fit other content, another domain or another key', () => {
      const wrong = { name: 'CryptoError', code: 'SIGNATURE_WRONG' }
      const elsewhere = [
        signingInput('test', ascii('contenu')),
        signingInput('tesu', ascii('content')),
        bare(ascii('content')),
      ]
      for (const content of elsewhere)
        assert.throws(() => verify(key.publicKey, content, signature), wrong)
      assert.throws(() => verify(other.publicKey, input, signature), wrong)
    })

    it('is malformed when it is longer, shorter, empty or of another algorithm', () => {
      const foreign = sign(fixedKeys(curve === '25519' ? 'P-256' : '25519').sign, input)
      const wrong = [
        new Uint8Array(),
        signature.slice(0, 64),
        Buffer.concat([signature, ascii('x')]),
      ]
      for (const bad of [...wrong, foreign, new Uint8Array(65)])
        assert.throws(() => verify(key.publicKey, input, bad), malformed)
    })

    it('of zeros does not fit', () => {
      const zeros = new Uint8Array(65)
      zeros[0] = key.publicKey.algorithm.id
      assert.throws(() => verify(key.publicKey, input, zeros), { code: 'SIGNATURE_WRONG' })
    })
  })
}
