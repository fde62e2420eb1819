/** A signing and a decrypting key in memory, used as a credential store. */
import type { Algorithm } from './algorithm.ts'
import { CredentialError, type CredentialStore } from './credential-store.ts'
import { agreement } from './dhkem.ts'
import { openWith } from './hpke.ts'
import { principalRecord } from './principal-record.ts'
import { principalOf } from './principal.ts'
import { PrivateKey } from './private-key.ts'
import type { Random } from './random.ts'
import { sign } from './sign.ts'

export type KeyPairs = {
  readonly sign: PrivateKey<'sign'>
  readonly decrypt: PrivateKey<'decrypt'>
}

export type Algorithms = { readonly sign: Algorithm; readonly decrypt: Algorithm }

export function generateKeyPairs(algorithms: Algorithms, random: Random): KeyPairs {
  return {
    sign: PrivateKey.generate('sign', algorithms.sign, random),
    decrypt: PrivateKey.generate('decrypt', algorithms.decrypt, random),
  }
}

/** The first record of these keys, signed. */
export function recordOf(keys: KeyPairs): Promise<Uint8Array> {
  const { sign: signing, decrypt } = keys
  const record = { v: 1, sign: signing.publicKey, decrypt: decrypt.publicKey, serial: 0 } as const
  return principalRecord.sign(record, {
    signKey: signing.publicKey,
    sign: async input => sign(signing, input),
  })
}

/**
 * @param record  the signed record of `keys`, see {@link recordOf}.
 * @returns  a store that forgets the keys on `close`.
 */
export function storeOf(
  kind: CredentialStore['kind'],
  keys: KeyPairs,
  record: Uint8Array,
): CredentialStore {
  let held: KeyPairs | undefined = keys
  const open = (): KeyPairs => {
    if (held) return held
    throw new CredentialError('CREDENTIALS_CLOSED', 'the keys were let go, open the store again')
  }
  return {
    kind,
    principal: principalOf(keys.sign.publicKey),
    signKey: keys.sign.publicKey,
    decryptKey: keys.decrypt.publicKey,
    record,
    sign: async input => sign(open().sign, input),
    open: async (sealed, context) => openWith(agreement(open().decrypt), context, sealed),
    close: async () => {
      held = undefined
    },
  }
}
