/**
 * Keys and principals that were seen lately. The same few writers sign most blocks: making OpenSSL's
 * object of a public key takes a third of the time that verifying a signature does.
 */
import { as } from '../codec/list.ts'
import { bytes } from '../codec/scalars.ts'
import type { Schema } from '../codec/schema.ts'
import type { Use } from '../crypto/algorithm.ts'
import { principalBytes, principalFrom, principalOf, type Principal } from '../crypto/principal.ts'
import { PublicKey, PUBLIC_KEY_BYTES_MAX } from '../crypto/public-key.ts'
import { mapKey, Recent } from './recent.ts'

const HALF = 512

function keySchema<U extends Use>(use: U): Schema<PublicKey<U>> {
  const seen = new Recent<string, PublicKey<U>>(HALF)
  return as(
    bytes({ min: 33, max: PUBLIC_KEY_BYTES_MAX }),
    plain => {
      const name = mapKey(plain)
      let key = seen.get(name)
      if (!key) seen.set(name, (key = PublicKey.from(use, plain)))
      return key
    },
    key => key.bytes,
  )
}

/** For formats: public keys, each made once while it is in use. */
export const signKeySchema = keySchema('sign')
export const decryptKeySchema = keySchema('decrypt')

const names = new WeakMap<PublicKey<'sign'>, Principal>()

/** {@link principalOf}, worked out once for a key. */
export function whoSigns(key: PublicKey<'sign'>): Principal {
  let name = names.get(key)
  if (name === undefined) names.set(key, (name = principalOf(key)))
  return name
}

const fromBytes = new Recent<string, Principal>(HALF)
const toBytes = new Recent<Principal, Uint8Array>(HALF)

/** {@link principalBytes}, 34 or 38 bytes; not to be changed. */
export function bytesOfPrincipal(principal: Principal): Uint8Array {
  let found = toBytes.get(principal)
  if (!found) toBytes.set(principal, (found = principalBytes(principal)))
  return found
}

/** For formats: principals, turned into text once while they are in use. */
export const whoSchema: Schema<Principal> = as(
  bytes({ min: 34, max: 38 }),
  plain => {
    const name = mapKey(plain)
    let principal = fromBytes.get(name)
    if (principal === undefined) fromBytes.set(name, (principal = principalFrom(plain)))
    return principal
  },
  bytesOfPrincipal,
)
