import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { HPKE_P256, X25519 } from '../../../node/crypto/algorithm.ts'
import { agreement, type Agreement } from '../../../node/crypto/dhkem.ts'
import { openWith, sealTo, unwrapKeyWith, wrapKeyTo } from '../../../node/crypto/hpke.ts'
import { PrivateKey } from '../../../node/crypto/private-key.ts'
import { PublicKey } from '../../../node/crypto/public-key.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { seal, unseal } from '../../../node/crypto/seal.ts'
import { SymmetricKey } from '../../../node/crypto/symmetric-key.ts'
import { ascii, fixedKeys, flip, hex } from './fixed.ts'

type Vector = Readonly<
  Record<
    'algorithm' | 'info' | 'aad' | 'plain' | 'ephemeral' | 'public' | 'private' | 'enc' | 'cipher',
    string
  >
>
const path = join(import.meta.dirname, '../../golden/crypto/hpke-rfc9180.json')
const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vector[]

describe('HPKE (RFC 9180)', () => {
  it('has vectors', () => assert.equal(vectors.length, 2))

  for (const vector of vectors)
    it(`seals and opens the vector for ${vector.algorithm}`, async () => {
      const algorithm = [X25519, HPKE_P256].find(({ name }) => name === vector.algorithm)!
      const id = Buffer.from([algorithm.id]).toString('hex')
      const key = PrivateKey.from('decrypt', hex(id + vector.private))
      assert.deepEqual(key.publicKey.raw, hex(vector.public))
      const context = { info: hex(vector.info), aad: hex(vector.aad) }
      const sealed = hex(id + vector.enc + vector.cipher)
      assert.deepEqual(await openWith(agreement(key), context, sealed), hex(vector.plain))
      const random = () => hex(vector.ephemeral)
      assert.deepEqual(await sealTo(key.publicKey, context, hex(vector.plain), random), sealed)
    })
})

for (const curve of ['25519', 'P-256'] as const) {
  const { decrypt } = fixedKeys(curve)
  const own = agreement(decrypt)
  const context = { info: ascii('tree/block/epoch 1'), aad: ascii('readcap') }
  const notAuthentic = { name: 'CryptoError', code: 'SEALED_NOT_AUTHENTIC' }
  const malformed = { name: 'CryptoError', code: 'SEALED_MALFORMED' }
  const message = (plain: Uint8Array) => sealTo(decrypt.publicKey, context, plain, systemRandom)

  describe(`a message sealed for a key on ${curve}`, () => {
    it('opens, of any length, and is different each time', async () => {
      for (const length of [0, 1, 31, 32, 33, 5000]) {
        const plain = new Uint8Array(length).fill(7)
        const [a, b] = [await message(plain), await message(plain)]
        assert.deepEqual(await openWith(own, context, a), plain)
        assert.notDeepEqual(a, b)
        assert.equal(a.length, length + (curve === '25519' ? 49 : 82))
      }
    })

    it('without aad is one with empty aad', async () => {
      const { info } = context
      const sealed = await sealTo(decrypt.publicKey, { info }, ascii('x'), systemRandom)
      const opened = await openWith(own, { info, aad: new Uint8Array() }, sealed)
      assert.deepEqual(opened, ascii('x'))
    })

    it('refuses any flipped bit', async () => {
      const sealed = await message(ascii('k'))
      for (let bit = 0; bit < sealed.length * 8; bit++)
        await assert.rejects(
          openWith(own, context, flip(sealed, bit)),
          bit < 8 ? malformed : notAuthentic,
          `bit ${bit}`,
        )
    })

    it('refuses another purpose, other data beside it, another key', async () => {
      const sealed = await message(ascii('key'))
      const { info, aad } = context
      const elsewhere = [
        { info: ascii('tree/block/epoch 2'), aad },
        { info, aad: ascii('other') },
        { info },
        { info: aad, aad: info },
      ]
      for (const wrong of elsewhere)
        await assert.rejects(openWith(own, wrong, sealed), notAuthentic)
      const other = agreement(fixedKeys(curve, 'other').decrypt)
      await assert.rejects(openWith(other, context, sealed), notAuthentic)
    })

    it('refuses every cut, and messages for the other curve', async () => {
      const sealed = await message(ascii('key'))
      const least = sealed.length - 3
      for (let length = 0; length < sealed.length; length++)
        await assert.rejects(
          openWith(own, context, sealed.subarray(0, length)),
          length < least ? malformed : notAuthentic,
        )
      const foreign = agreement(fixedKeys(curve === '25519' ? 'P-256' : '25519').decrypt)
      await assert.rejects(openWith(foreign, context, sealed), malformed)
    })

    it('lets an error of the chip pass as it is', async () => {
      const sealed = await message(ascii('key'))
      const broken: Agreement = {
        decryptKey: decrypt.publicKey,
        agree: () => Promise.reject(new RangeError('the chip is gone')),
      }
      await assert.rejects(openWith(broken, context, sealed), {
        name: 'RangeError',
        message: 'the chip is gone',
      })
    })

    it('can hold a symmetric key', async () => {
      const key = SymmetricKey.generate(systemRandom)
      const wrapped = await wrapKeyTo(decrypt.publicKey, context, key, systemRandom)
      assert.equal(wrapped.length, curve === '25519' ? 81 : 114)
      const opener = { open: (s: Uint8Array, c: typeof context) => openWith(own, c, s) }
      const back = await unwrapKeyWith(opener as never, context, wrapped)
      const sealed = seal(key, context.info, ascii('x'), systemRandom)
      assert.deepEqual(new Uint8Array(unseal(back, context.info, sealed)), ascii('x'))
      const short = await message(new Uint8Array(31))
      await assert.rejects(unwrapKeyWith(opener as never, context, short), { code: 'KEY_LENGTH' })
    })
  })
}

describe('X25519', () => {
  // RFC 7748, 7: u coordinates of small order that are below p; the product is always zero.
  const SMALL = [
    `01${'00'.repeat(31)}`,
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    `ec${'ff'.repeat(30)}7f`,
  ]
  for (const u of SMALL)
    it(`does not seal for ${u.slice(0, 16)}…, nor opens what says it comes from there`, async () => {
      const weak = PublicKey.from('decrypt', hex(`11${u}`))
      const context = { info: ascii('x') }
      await assert.rejects(sealTo(weak, context, ascii('secret'), systemRandom), {
        name: 'CryptoError',
        code: 'KEY_INVALID',
      })
      const own = agreement(fixedKeys('25519').decrypt)
      const forged = hex(`11${u}${'00'.repeat(24)}`)
      await assert.rejects(openWith(own, context, forged), { code: 'SEALED_NOT_AUTHENTIC' })
    })
})
