import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { principalRecord } from '../../../node/crypto/principal-record.ts'
import { sign } from '../../../node/crypto/sign.ts'
import {
  knownPrincipal,
  knownPrincipals,
  rememberPrincipal,
} from '../../../node/store/principals.ts'
import { fixedKeys } from '../crypto/fixed.ts'
import { newFolder, open, OTHER_TREE, TREE } from './stored.ts'

const record = (serial: number, seed = 'keys') => {
  const keys = fixedKeys('25519', seed)
  const signKey = keys.sign.publicKey
  const value = { v: 1, sign: signKey, decrypt: keys.decrypt.publicKey, serial } as const
  return principalRecord.sign(value, { signKey, sign: async input => sign(keys.sign, input) })
}

describe('known principals', () => {
  it('are kept with the record of the largest serial, whatever the order', async () => {
    const store = await open(newFolder())
    assert.equal(knownPrincipal(store, TREE), undefined)
    for (const serial of [3, 1, 5, 4]) await rememberPrincipal(store, await record(serial))
    assert.equal(knownPrincipal(store, TREE)!.serial, 5)
    const many = await Promise.all([6, 9, 7, 8].map(serial => record(serial)))
    await Promise.all(many.map(one => rememberPrincipal(store, one)))
    assert.equal(knownPrincipal(store, TREE)!.serial, 9)
    await rememberPrincipal(store, await record(0, 'other'))
    assert.deepEqual(knownPrincipals(store).sort(), [TREE, OTHER_TREE].sort())
    await store.close()
  })

  it('are not taken from records that nobody signed', async () => {
    const store = await open(newFolder())
    const bad = Uint8Array.from(await record(1))
    bad[bad.length - 1]! ^= 1
    await assert.rejects(rememberPrincipal(store, bad), { code: 'SIGNATURE_WRONG' })
    assert.deepEqual(knownPrincipals(store), [])
    await store.close()
  })
})
