/** Secrets stay out of logs, errors and encodings, and are zeroed where that can be done. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { equal, wipe } from '../../../node/crypto/bytes.ts'
import { storeOf } from '../../../node/crypto/key-pairs.ts'
import { exportPrivateKey, PrivateKey } from '../../../node/crypto/private-key.ts'
import { SymmetricKey } from '../../../node/crypto/symmetric-key.ts'
import { seal, unseal, wrapKey } from '../../../node/crypto/seal.ts'
import { ascii, fixedKeys, hex, repeatable } from './fixed.ts'
import { expectNoSecret } from './spellings.ts'

/** All the ways to turn a value into text. */
function shown(value: object): string {
  const options = { depth: 20, showHidden: true, getters: true, maxArrayLength: null }
  const clone = () => {
    try {
      return inspect(structuredClone(value), options)
    } catch {
      return ''
    }
  }
  return [
    String(value),
    `${JSON.stringify(value)}`,
    inspect(value, options),
    inspect({ ...value }, options),
    JSON.stringify(Object.entries(value)),
    clone(),
  ].join('\n')
}

describe('secrets', () => {
  it('are not shown by keys and stores, however they are printed', () => {
    for (const curve of ['25519', 'P-256'] as const) {
      const keys = fixedKeys(curve)
      for (const key of [keys.sign, keys.decrypt]) {
        const secret = exportPrivateKey(key).subarray(1)
        expectNoSecret(shown(key), secret)
        assert.match(inspect({ key }), /\[private key for [a-z0-9-]+\]/)
        expectNoSecret(shown(storeOf('file', keys, new Uint8Array())), secret)
      }
    }
    const bytes = repeatable('symmetric')(32)
    expectNoSecret(shown(SymmetricKey.from(bytes)), bytes)
    assert.equal(inspect([SymmetricKey.from(bytes)]), '[ [symmetric key] ]')
  })

  it('are not in errors', () => {
    const secret = repeatable('error')(40)
    const attempts = [
      () => PrivateKey.from('sign', hex(`01${Buffer.from(secret).toString('hex')}`)),
      () => PrivateKey.from('sign', secret.slice(0, 33)),
      () => SymmetricKey.from(secret),
      () => {
        const key = SymmetricKey.from(secret.slice(0, 32))
        const sealed = seal(key, ascii('here'), secret, repeatable('nonce'))
        return unseal(key, ascii('there'), sealed)
      },
    ]
    for (const attempt of attempts)
      assert.throws(attempt, (error: Error) => {
        const text = shown(error) + error.stack + inspect(error.cause)
        for (const part of [secret, secret.slice(0, 32), secret.slice(0, 8)])
          expectNoSecret(text, part)
        return true
      })
  })

  it('are told apart from texts that hold none, in this test itself', () => {
    const secret = repeatable('itself')(32)
    for (const text of [
      inspect(secret),
      JSON.stringify([...secret]),
      `${Buffer.from(secret).toString('base64')}`,
    ])
      assert.throws(() => expectNoSecret(`x ${text} x`, secret), /a secret is in/)
  })

  it('of symmetric keys are zeroed by wipe, and the key is of no use then', () => {
    const given = repeatable('wiped')(32)
    const key = SymmetricKey.from(given)
    const other = SymmetricKey.generate(repeatable('other'))
    const random = repeatable('nonce')
    const sealed = seal(key, ascii('a'), ascii('text'), random)
    key.wipe()
    key.wipe()
    const wiped = { name: 'CryptoError', code: 'KEY_WIPED' }
    assert.throws(() => seal(key, ascii('a'), ascii('text'), random), wiped)
    assert.throws(() => unseal(key, ascii('a'), sealed), wiped)
    assert.throws(() => wrapKey(other, ascii('a'), key, random), wiped)
    assert.ok(
      given.some(byte => byte !== 0),
      'the caller’s own bytes are the caller’s',
    )
  })

  it('that were drawn to make keys are zeroed', () => {
    const drawn: Uint8Array[] = []
    const random = (length: number) => {
      const bytes = repeatable(`drawn ${drawn.length}`)(length)
      drawn.push(bytes)
      return bytes
    }
    SymmetricKey.generate(random)
    const { sign } = fixedKeys('25519')
    PrivateKey.generate('sign', sign.publicKey.algorithm, random)
    assert.equal(drawn.length, 2)
    for (const bytes of drawn) assert.ok(equal(bytes, new Uint8Array(bytes.length)))
    wipe(undefined)
  })
})
