import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as dagCbor from '@ipld/dag-cbor'
import { CodecError } from '../../../node/codec/error.ts'
import { signingInput } from '../../../node/codec/signing.ts'
import { CryptoError } from '../../../node/crypto/error.ts'
import { recordOf } from '../../../node/crypto/key-pairs.ts'
import { principalRecord } from '../../../node/crypto/principal-record.ts'
import { sign, type Signer } from '../../../node/crypto/sign.ts'
import { flips, golden } from '../../golden/golden.ts'
import { fixedKeys } from './fixed.ts'

const signer = ({ sign: key }: ReturnType<typeof fixedKeys>): Signer => ({
  signKey: key.publicKey,
  sign: async input => sign(key, input),
})

for (const curve of ['25519', 'P-256'] as const) {
  const keys = fixedKeys(curve)
  const name = `crypto/principal-record-${curve.toLowerCase()}.cbor`

  describe(`a principal’s record on ${curve}`, () => {
    it('opens from the golden file, and names both keys', async () => {
      const file = golden(name, await recordOf(keys))
      const record = principalRecord.open(file)
      assert.ok(record.sign.equals(keys.sign.publicKey))
      assert.ok(record.decrypt.equals(keys.decrypt.publicKey))
      assert.equal(record.serial, 0)
      // Ed25519 signs the same the same way; ECDSA draws a number each time.
      if (curve === '25519') assert.deepEqual(await recordOf(keys), file)
    })

    it('is refused with any bit flipped', () => {
      for (const { bit, bad } of flips(golden(name)))
        assert.throws(
          () => principalRecord.open(bad),
          (error: Error) =>
            error instanceof CodecError ||
            (error instanceof CryptoError && /^SIGNATURE_/.test(error.code)),
          `bit ${bit}`,
        )
    })

    it('is refused with a body put under another’s signature', async () => {
      const other = fixedKeys(curve, 'other')
      const [mine, theirs] = [await recordOf(keys), await recordOf(other)].map(
        bytes => dagCbor.decode(bytes) as { body: Uint8Array; signature: Uint8Array },
      )
      const mixed = dagCbor.encode({ body: mine!.body, signature: theirs!.signature })
      assert.throws(() => principalRecord.open(mixed), { code: 'SIGNATURE_WRONG' })
    })

    it('is refused when the signature was made for another domain', async () => {
      const { body } = dagCbor.decode(golden(name)) as { body: Uint8Array }
      const signature = sign(keys.sign, signingInput('other', body))
      assert.throws(() => principalRecord.open(dagCbor.encode({ body, signature })), {
        code: 'SIGNATURE_WRONG',
      })
    })

    it('is signed by its own key only', async () => {
      const record = {
        v: 1,
        sign: keys.sign.publicKey,
        decrypt: keys.decrypt.publicKey,
        serial: 3,
      } as const
      const signed = await principalRecord.sign(record, signer(keys))
      assert.equal(principalRecord.open(signed).serial, 3)
      const other = signer(fixedKeys(curve, 'other'))
      await assert.rejects(principalRecord.sign(record, other), { code: 'PRINCIPAL_OTHER' })
    })

    it('names the field that is wrong', async () => {
      const swapped = {
        v: 1,
        sign: keys.decrypt.publicKey.bytes,
        decrypt: keys.sign.publicKey.bytes,
        serial: 0,
      }
      const body = dagCbor.encode(swapped)
      const signature = sign(keys.sign, signingInput(principalRecord.domain, body))
      assert.throws(() => principalRecord.open(dagCbor.encode({ body, signature })), {
        name: 'CodecError',
        code: 'CODEC_VALUE',
        path: 'principal.sign',
        message: /^principal\.sign: found a key for hpke-/,
      })
    })
  })
}
