import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { base58btc } from 'multiformats/bases/base58'
import { base36 } from 'multiformats/bases/base36'
import { CID } from 'multiformats/cid'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { format } from '../../../node/codec/format.ts'
import { multihash, sha256 } from '../../../node/crypto/hash.ts'
import {
  expectPrincipal,
  parsePrincipal,
  principalBytes,
  principalFrom,
  principalOf,
  principalSchema,
} from '../../../node/crypto/principal.ts'
import { PublicKey } from '../../../node/crypto/public-key.ts'
import { ascii, fixedKeys, hex } from './fixed.ts'

// libp2p's specification of peer ids, “Test vectors”: public keys in protobuf.
const ED25519 = '080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e'
const ECDSA = `0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0e8f5
  d530899d83abab44abf3161f162a4bc901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dce
  c034e9f77c409e62`
const KEYS = {
  ed25519: PublicKey.from('sign', hex(`01${ED25519.slice(8)}`)),
  'ecdsa-p256': PublicKey.from('sign', hex(`02${ECDSA.replaceAll(/\s/g, '').slice(60)}`)),
}

describe('a hash', () => {
  it('is SHA-256 (FIPS 180-4, “abc”), of parts as of the whole', () => {
    const abc = hex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    assert.deepEqual(sha256(ascii('abc')), abc)
    assert.deepEqual(sha256(ascii('a'), ascii(''), ascii('bc')), abc)
    assert.deepEqual(
      multihash(ascii('a'), ascii('bc')),
      hex(`1220${Buffer.from(abc).toString('hex')}`),
    )
  })
})

describe('a principal', () => {
  it('is the libp2p peer id of an Ed25519 key: the key itself', () => {
    const bytes = principalBytes(principalOf(KEYS.ed25519))
    assert.deepEqual(bytes, hex(`0024${ED25519}`))
    assert.match(base58btc.baseEncode(bytes), /^12D3KooW/)
  })

  it('is the libp2p peer id of an ECDSA key: the hash of the key', () => {
    const bytes = principalBytes(principalOf(KEYS['ecdsa-p256']))
    assert.deepEqual(bytes, multihash(hex(ECDSA)))
    assert.match(base58btc.baseEncode(bytes), /^Qm/)
  })

  for (const [name, key] of Object.entries(KEYS)) {
    const principal = principalOf(key)

    it(`of ${name} is written as a CID of a libp2p key, and fits a DNS label`, () => {
      const cid = CID.createV1(0x72, decodeDigest(principalBytes(principal)))
      assert.equal(principal, cid.toString(base36))
      assert.match(principal, name === 'ed25519' ? /^k51qzi5uqu5/ : /^k2k4r8/)
      assert.ok(principal.length <= 63)
    })

    it(`of ${name} is read back from text and bytes`, () => {
      assert.equal(parsePrincipal(principal), principal)
      assert.equal(principalFrom(principalBytes(principal)), principal)
      const one = format('one', principalSchema)
      assert.equal(one.decode(one.encode(principal)), principal)
    })

    it(`of ${name} is not read from text that was mistyped`, () => {
      const wrong = [
        '',
        principal.slice(1),
        principal.slice(0, -1),
        principal.toUpperCase(),
        `${principal} `,
        `k0${principal.slice(1)}`,
        `${principal}0`,
        base58btc.encode(base36.decode(principal)),
        CID.createV1(0x55, decodeDigest(principalBytes(principal))).toString(base36),
        'k'.repeat(10_000),
      ]
      for (const text of wrong)
        assert.throws(() => parsePrincipal(text), {
          name: 'CryptoError',
          code: 'PRINCIPAL_MALFORMED',
        })
    })

    it(`of ${name} has no other key`, () => {
      expectPrincipal(principal, key)
      for (const curve of ['25519', 'P-256'] as const)
        assert.throws(() => expectPrincipal(principal, fixedKeys(curve).sign.publicKey), {
          name: 'CryptoError',
          code: 'PRINCIPAL_OTHER',
        })
    })
  }

  it('is not made of a multihash of something else', () => {
    const wrong = ['', `1114${'00'.repeat(20)}`, `1220${'00'.repeat(31)}`, `1220${'00'.repeat(33)}`]
    const others = [
      `0024${'00'.repeat(36)}`,
      `002408021220${'00'.repeat(32)}`,
      `1320${'00'.repeat(32)}`,
    ]
    for (const bytes of [...wrong, ...others])
      assert.throws(() => principalFrom(hex(bytes)), { code: 'PRINCIPAL_MALFORMED' })
  })

  it('inside a format names its field', () => {
    const one = format('one', principalSchema)
    assert.throws(() => one.decode(hex(`5822${'00'.repeat(34)}`)), {
      name: 'CodecError',
      code: 'CODEC_VALUE',
      path: 'one',
    })
  })
})
