/**
 * Sealing of bulk data with AES-256-GCM (NIST SP 800-38D).
 *
 * Layout: 0x21 (1) | nonce (12) | ciphertext (n) | tag (16): n + 29 bytes. The nonce is random, so a
 * key seals at most 2^32 times (SP 800-38D, 8.3); a key epoch ends long before.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { AES_256_GCM_ID } from './algorithm.ts'
import { discard, wipe } from './bytes.ts'
import { CryptoError } from './error.ts'
import type { Random } from './random.ts'
import { bytesOf, secretOf, SymmetricKey, SYMMETRIC_KEY_BYTES } from './symmetric-key.ts'

export const SEAL_OVERHEAD = 29
/** Bytes of a key sealed under another. */
export const WRAPPED_KEY_BYTES = SYMMETRIC_KEY_BYTES + SEAL_OVERHEAD

const nothing = new Uint8Array()
const NONCE = 12
const TAG = 16

/**
 * @param context  where these bytes belong; authenticated, not kept, any length. Sealed bytes open
 *   only with the same context.
 * @param plain    0 to 2^31 - 1 bytes (Node's limit).
 * @param head     put before the sealed bytes as it is; it saves copying all of them.
 * @param into     memory for the result, of just its length; new when missing.
 * @returns        `plain.length + 29` bytes, different each time.
 * @throws {CryptoError} `KEY_WIPED`.
 */
export function seal(
  key: SymmetricKey,
  context: Uint8Array,
  plain: Uint8Array,
  random: Random,
  head: Uint8Array = nothing,
  into?: Buffer,
): Uint8Array {
  const nonce = random(NONCE)
  const cipher = createCipheriv('aes-256-gcm', secretOf(key), nonce).setAAD(context)
  const body = cipher.update(plain)
  cipher.final()
  const at = head.length
  const length = at + plain.length + SEAL_OVERHEAD
  // Short ones share memory with others: they are no secrets.
  const fresh = () => (length < 1024 ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length))
  const sealed = into?.length === length ? into : fresh()
  sealed.set(head)
  sealed[at] = AES_256_GCM_ID
  sealed.set(nonce, at + 1)
  sealed.set(body, at + 1 + NONCE)
  discard(body)
  sealed.set(cipher.getAuthTag(), at + 1 + NONCE + plain.length)
  return sealed
}

/**
 * Reverses {@link seal}.
 *
 * @throws {CryptoError} `SEALED_MALFORMED` under 29 bytes, or another algorithm;
 *   `SEALED_NOT_AUTHENTIC` another key, another context, or changed bytes: which one is not knowable;
 *   `KEY_WIPED`.
 */
export function unseal(key: SymmetricKey, context: Uint8Array, sealed: Uint8Array): Uint8Array {
  if (sealed.length < SEAL_OVERHEAD || sealed[0] !== AES_256_GCM_ID)
    throw new CryptoError(
      'SEALED_MALFORMED',
      `found ${sealed.length} sealed bytes that begin with ${sealed[0]}, ` +
        `expected at least ${SEAL_OVERHEAD} that begin with ${AES_256_GCM_ID}`,
    )
  const end = sealed.length - TAG
  const decipher = createDecipheriv('aes-256-gcm', secretOf(key), sealed.subarray(1, 1 + NONCE), {
    authTagLength: TAG,
  })
  decipher.setAAD(context).setAuthTag(sealed.subarray(end))
  const plain = decipher.update(sealed.subarray(1 + NONCE, end))
  try {
    decipher.final()
    return plain
  } catch {
    wipe(plain)
    throw new CryptoError('SEALED_NOT_AUTHENTIC', 'the sealed bytes do not open with this key here')
  }
}

/** `key` sealed under `under`: 61 bytes. */
export function wrapKey(
  under: SymmetricKey,
  context: Uint8Array,
  key: SymmetricKey,
  random: Random,
): Uint8Array {
  return seal(under, context, bytesOf(key), random)
}

/** Reverses {@link wrapKey}; throws as {@link unseal}, and `KEY_LENGTH`. */
export function unwrapKey(
  under: SymmetricKey,
  context: Uint8Array,
  wrapped: Uint8Array,
): SymmetricKey {
  const bytes = unseal(under, context, wrapped)
  try {
    return SymmetricKey.from(bytes)
  } finally {
    wipe(bytes)
  }
}
