/**
 * What every credential store does, whatever holds the keys. An implementation's test calls
 * {@link compliance}; it passes when the store can be used as a node's identity.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { signingInput } from '../../../node/codec/signing.ts'
import type { CredentialStore } from '../../../node/crypto/credential-store.ts'
import { sealTo, unwrapKeyWith, wrapKeyTo } from '../../../node/crypto/hpke.ts'
import { principalRecord } from '../../../node/crypto/principal-record.ts'
import { principalOf } from '../../../node/crypto/principal.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { seal, unseal } from '../../../node/crypto/seal.ts'
import { verify } from '../../../node/crypto/sign.ts'
import { SymmetricKey } from '../../../node/crypto/symmetric-key.ts'
import { ascii, fixedKeys, flip } from './fixed.ts'
import { expectNoSecret } from './spellings.ts'

export type Subject = {
  /** A store with new keys. */
  readonly create: () => Promise<CredentialStore>
  /** The store that the last `create` made, opened again; its keys are the same. */
  readonly reopen: () => Promise<CredentialStore>
  /** The private keys of the last store, where they can be known: none may be shown. */
  readonly secrets?: () => readonly Uint8Array[]
}

export function compliance(name: string, { create, reopen, secrets }: Subject): void {
  const input = signingInput('compliance', ascii('content'))
  const context = { info: ascii('compliance'), aad: ascii('beside') }
  const using = async (work: (store: CredentialStore) => Promise<void>) => {
    const store = await create()
    try {
      await work(store)
    } finally {
      await store.close()
    }
  }

  describe(`${name} is a credential store:`, () => {
    it('its principal is that of its signing key', () =>
      using(async store => assert.equal(store.principal, principalOf(store.signKey))))

    it('its record is signed and names its keys', () =>
      using(async ({ record, signKey, decryptKey }) => {
        const stated = principalRecord.open(record)
        assert.ok(stated.sign.equals(signKey))
        assert.ok(stated.decrypt.equals(decryptKey))
      }))

    it('its signatures fit its key, the content and the domain', () =>
      using(async store => {
        const signature = await store.sign(input)
        verify(store.signKey, input, signature)
        const other = signingInput('compliance', ascii('contents'))
        assert.throws(() => verify(store.signKey, other, signature), { code: 'SIGNATURE_WRONG' })
      }))

    it('it signs the empty text, and a megabyte', () =>
      using(async store => {
        for (const length of [0, 1 << 20]) {
          const long = signingInput('compliance', new Uint8Array(length))
          verify(store.signKey, long, await store.sign(long))
        }
      }))

    it('its signatures have one form, also when many are made at once', () =>
      using(async store => {
        const inputs = Array.from({ length: 24 }, (_, i) =>
          signingInput('compliance', ascii(`${i}`)),
        )
        const signatures = await Promise.all(inputs.map(one => store.sign(one)))
        // verify refuses the larger s of ECDSA, which chips make half of the time.
        inputs.forEach((one, i) => verify(store.signKey, one, signatures[i]!))
      }))

    it('it opens what was sealed for its key', () =>
      using(async store => {
        const plain = ascii('a message')
        const sealed = await sealTo(store.decryptKey, context, plain, systemRandom)
        assert.deepEqual(await store.open(sealed, context), plain)
      }))

    it('it unwraps symmetric keys, many at once', () =>
      using(async store => {
        const keys = Array.from({ length: 8 }, () => SymmetricKey.generate(systemRandom))
        const wrapped = await Promise.all(
          keys.map(key => wrapKeyTo(store.decryptKey, context, key, systemRandom)),
        )
        const back = await Promise.all(wrapped.map(one => unwrapKeyWith(store, context, one)))
        keys.forEach((key, i) => {
          const sealed = seal(key, ascii('here'), ascii(`${i}`), systemRandom)
          assert.deepEqual(new Uint8Array(unseal(back[i]!, ascii('here'), sealed)), ascii(`${i}`))
        })
      }))

    it('it refuses what was sealed for another key, for another purpose, or changed', () =>
      using(async store => {
        const sealed = await sealTo(store.decryptKey, context, ascii('k'), systemRandom)
        const refused = { name: 'CryptoError', code: /^SEALED_(NOT_AUTHENTIC|MALFORMED)$/ }
        await assert.rejects(store.open(sealed, { ...context, info: ascii('other') }), refused)
        await assert.rejects(store.open(sealed, { ...context, aad: ascii('other') }), refused)
        const changed = [...sealed.keys()].map(at => flip(sealed, at * 8 + (at % 8)))
        const cut = [0, 1, 33, 49, sealed.length - 1].map(length => sealed.subarray(0, length))
        for (const bad of [...changed, ...cut])
          await assert.rejects(store.open(bad, context), refused)
        for (const curve of ['25519', 'P-256'] as const) {
          const key = fixedKeys(curve).decrypt.publicKey
          const foreign = await sealTo(key, context, ascii('k'), systemRandom)
          await assert.rejects(store.open(foreign, context), refused)
        }
        // And still works afterwards.
        assert.deepEqual(await store.open(sealed, context), ascii('k'))
      }))

    it('it is the same principal when it is opened again', async () => {
      const first = await create()
      const sealed = await sealTo(first.decryptKey, context, ascii('later'), systemRandom)
      await first.close()
      const second = await reopen()
      assert.equal(second.principal, first.principal)
      assert.deepEqual(second.record, first.record)
      assert.deepEqual(await second.open(sealed, context), ascii('later'))
      verify(first.signKey, input, await second.sign(input))
      await second.close()
    })

    it('it has other keys each time it is made', async () => {
      const stores = [await create(), await create()]
      assert.notEqual(stores[0]!.principal, stores[1]!.principal)
      assert.ok(!stores[0]!.decryptKey.equals(stores[1]!.decryptKey))
      for (const store of stores) await store.close()
    })

    it('it refuses work once it is closed, twice if need be', async () => {
      const store = await create()
      const sealed = await sealTo(store.decryptKey, context, ascii('k'), systemRandom)
      await store.close()
      await store.close()
      const closed = { name: 'CredentialError', code: 'CREDENTIALS_CLOSED' }
      await assert.rejects(store.sign(input), closed)
      await assert.rejects(store.open(sealed, context), closed)
      assert.equal(store.principal, principalOf(store.signKey))
    })

    it('it ends what is under way when it is closed', async () => {
      const store = await create()
      const sealed = await sealTo(store.decryptKey, context, ascii('k'), systemRandom)
      const [signature, plain] = [store.sign(input), store.open(sealed, context)]
      await store.close()
      verify(store.signKey, input, await signature)
      assert.deepEqual(await plain, ascii('k'))
    })

    it('it shows no private key', () =>
      using(async store => {
        const options = { depth: 20, showHidden: true, getters: true, maxArrayLength: null }
        const shown = `${inspect(store, options)} ${JSON.stringify(store)}`
        for (const secret of secrets?.() ?? []) expectNoSecret(shown, secret)
        assert.deepEqual(
          Object.values(store).filter(value => value instanceof CryptoKey),
          [],
        )
        assert.doesNotMatch(shown, /PrivateKeyObject/)
      }))
  })
}
