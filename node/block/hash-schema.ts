/** For formats: SHA-256 as a multihash, 34 bytes that begin with 0x12 0x20. */
import { as } from '../codec/list.ts'
import { bytes } from '../codec/scalars.ts'
import type { Schema } from '../codec/schema.ts'
import { HASH_BYTES, MULTIHASH_BYTES } from '../crypto/hash.ts'

const check = (multihash: Uint8Array): Uint8Array => {
  if (multihash[0] === 0x12 && multihash[1] === HASH_BYTES) return multihash
  throw new Error('found a hash that is not SHA-256, expected 12 20 and 32 bytes')
}

export const multihashSchema: Schema<Uint8Array> = as(
  bytes({ length: MULTIHASH_BYTES }),
  check,
  check,
)

/** The 34 bytes of a digest of 32. */
export function asMultihash(digest: Uint8Array): Uint8Array {
  const result = new Uint8Array(MULTIHASH_BYTES)
  result.set([0x12, HASH_BYTES])
  result.set(digest, 2)
  return result
}

/** The 32 bytes of the digest in a multihash. */
export function digestOf(multihash: Uint8Array): Uint8Array {
  return multihash.subarray(2)
}
