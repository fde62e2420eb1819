/** SHA-256, plain and as a multihash: 0x12 (sha2-256) | 0x20 (32 bytes) | digest. */
import { createHash } from 'node:crypto'

export const HASH_BYTES = 32
export const MULTIHASH_BYTES = 34

/** 32 bytes: the hash of the parts, one after the other. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

/** 34 bytes; the name of content in everything that is kept or sent. */
export function multihash(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(MULTIHASH_BYTES)
  result.set([0x12, HASH_BYTES])
  result.set(sha256(...parts), 2)
  return result
}
