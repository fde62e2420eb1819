import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ED25519, type Use } from '../../../node/crypto/algorithm.ts'
import { exportPrivateKey, PrivateKey } from '../../../node/crypto/private-key.ts'
import { PublicKey } from '../../../node/crypto/public-key.ts'
import { CURVES, fixedKeys, hex, repeatable } from './fixed.ts'

const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
const PAIRS: [name: string, use: Use, privateKey: string, publicKey: string][] = [
  [
    'RFC 8032, 7.1, test 2',
    'sign',
    '01 4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '01 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  ],
  [
    'RFC 6979, A.2.5',
    'sign',
    '02 c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
    `02 04 60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6
     7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299`,
  ],
  [
    'RFC 9180, A.1.1, skRm',
    'decrypt',
    '11 4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8',
    '11 3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d',
  ],
  [
    'RFC 9180, A.3.1, skRm',
    'decrypt',
    '12 f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2',
    `12 04 fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82
     6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0`,
  ],
]

describe('key pairs', () => {
  for (const [name, use, secret, shared] of PAIRS)
    it(`of ${name}: the public key follows from the private one, which is exported unchanged`, () => {
      const key = PrivateKey.from(use, hex(secret))
      assert.deepEqual(key.publicKey.bytes, hex(shared))
      assert.deepEqual(exportPrivateKey(key), hex(secret))
      assert.ok(PublicKey.from(use, hex(shared)).equals(key.publicKey))
    })

  it('are new each time', () => {
    const random = repeatable('new')
    for (const { sign, decrypt } of Object.values(CURVES)) {
      const [a, b] = [sign, sign].map(one => PrivateKey.generate('sign', one, random))
      assert.ok(!a!.publicKey.equals(b!.publicKey))
      const [c, d] = [decrypt, decrypt].map(one => PrivateKey.generate('decrypt', one, random))
      assert.ok(!c!.publicKey.equals(d!.publicKey))
    }
  })

  it('on P-256 draw again what is out of range', () => {
    const draws = [ORDER, '00'.repeat(32), 'ff'.repeat(32), '00'.repeat(31) + '01']
    const random = () => hex(draws.shift()!)
    const key = PrivateKey.generate('sign', CURVES['P-256'].sign, random)
    assert.deepEqual(exportPrivateKey(key), hex(`02${'00'.repeat(31)}01`))
    assert.equal(draws.length, 0)
  })
})

const P = 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'
const PUBLIC: [what: string, use: Use, bytes: string, code: string][] = [
  ['nothing', 'sign', '', 'KEY_ALGORITHM'],
  ['an unknown algorithm', 'sign', `03${'11'.repeat(32)}`, 'KEY_ALGORITHM'],
  ['a decrypting key to verify with', 'sign', PAIRS[2]![3], 'KEY_ALGORITHM'],
  ['a signing key to seal for', 'decrypt', PAIRS[0]![3], 'KEY_ALGORITHM'],
  ['a symmetric key’s number', 'decrypt', `21${'11'.repeat(32)}`, 'KEY_ALGORITHM'],
  ['a byte too few', 'sign', PAIRS[0]![3].slice(0, -2), 'KEY_LENGTH'],
  ['a byte too many', 'decrypt', `${PAIRS[3]![3]}00`, 'KEY_LENGTH'],
  ['a compressed point', 'sign', `0202${'11'.repeat(32)}`, 'KEY_LENGTH'],
  ['a point beside the curve', 'sign', PAIRS[1]![3].replace(/9$/, '8'), 'KEY_INVALID'],
  ['a point in hybrid form', 'sign', PAIRS[1]![3].replace('02 04', '02 07'), 'KEY_INVALID'],
  ['Ed25519: the point of order 1', 'sign', `0101${'00'.repeat(31)}`, 'KEY_INVALID'],
  ['Ed25519: the point of order 2', 'sign', `01ec${P}`, 'KEY_INVALID'],
  ['Ed25519: a point of order 4', 'sign', `01${'00'.repeat(32)}`, 'KEY_INVALID'],
  ['Ed25519: the other point of order 4', 'sign', `01${'00'.repeat(31)}80`, 'KEY_INVALID'],
  [
    'Ed25519: a point of order 8',
    'sign',
    '0126e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'KEY_INVALID',
  ],
  [
    'Ed25519: another one of order 8',
    'sign',
    '01c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'KEY_INVALID',
  ],
  ['Ed25519: p', 'sign', `01ed${P}`, 'KEY_INVALID'],
  ['Ed25519: 2^255 - 1', 'sign', `01ff${P}`, 'KEY_INVALID'],
  ['X25519: zero', 'decrypt', `11${'00'.repeat(32)}`, 'KEY_INVALID'],
  ['X25519: p + 3', 'decrypt', `11f0${P}`, 'KEY_INVALID'],
  ['X25519: the highest bit', 'decrypt', `1109${'00'.repeat(30)}80`, 'KEY_INVALID'],
]

const PRIVATE: [what: string, use: Use, bytes: string, code: string][] = [
  ['nothing', 'sign', '', 'KEY_ALGORITHM'],
  ['a decrypting key to sign with', 'sign', PAIRS[2]![2], 'KEY_ALGORITHM'],
  ['a signing key to decrypt with', 'decrypt', PAIRS[0]![2], 'KEY_ALGORITHM'],
  ['a byte too few', 'sign', PAIRS[0]![2].slice(0, -2), 'KEY_LENGTH'],
  ['a byte too many', 'decrypt', `${PAIRS[3]![2]}00`, 'KEY_LENGTH'],
  ['zero on P-256', 'sign', `02${'00'.repeat(32)}`, 'KEY_INVALID'],
  ['the order of P-256', 'decrypt', `12${ORDER}`, 'KEY_INVALID'],
]

describe('no key is made of', () => {
  for (const [what, use, bytes, code] of PUBLIC)
    it(`${what} (public): ${code}`, () => {
      assert.throws(() => PublicKey.from(use, hex(bytes)), { name: 'CryptoError', code })
    })
  for (const [what, use, bytes, code] of PRIVATE)
    it(`${what} (private): ${code}`, () => {
      assert.throws(() => PrivateKey.from(use, hex(bytes)), { name: 'CryptoError', code })
    })
})

describe('a public key', () => {
  it('is its own copy of the bytes it was made of', () => {
    const bytes = hex(PAIRS[0]![3])
    const key = PublicKey.from('sign', bytes)
    bytes.fill(0)
    assert.deepEqual(key.bytes, hex(PAIRS[0]![3]))
    assert.equal(key.algorithm, ED25519)
  })

  it('is not the other one’s', () => {
    assert.ok(!fixedKeys('25519').sign.publicKey.equals(fixedKeys('P-256').sign.publicKey))
  })
})
