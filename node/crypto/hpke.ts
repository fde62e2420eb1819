/**
 * Sealing for the owner of a public key: HPKE in base mode, one message (RFC 9180, 6.1), with
 * HKDF-SHA256 and AES-256-GCM.
 *
 * Layout: the key's algorithm id (1) | encapsulated key (32 or 65) | ciphertext (n) | tag (16).
 */
import {
  AEAD_AES_256_GCM,
  CipherSuite,
  DecapError,
  EncapError,
  KDF_HKDF_SHA256,
  OpenError,
} from 'hpke'
import { join, wipe } from './bytes.ts'
import { dhkem, privateKemKey, publicKemKey, type Agreement } from './dhkem.ts'
import { CryptoError } from './error.ts'
import type { PublicKey } from './public-key.ts'
import type { Random } from './random.ts'
import { bytesOf, SymmetricKey } from './symmetric-key.ts'

/** What a sealed message is bound to; it opens only with the same. Both may be of any length. */
export type Context = {
  /** What the message is for; goes into the keys. */
  readonly info: Uint8Array
  /** Authenticated with the message; empty if not given. */
  readonly aad?: Uint8Array
}

const TAG = 16
const empty = new Uint8Array()

/**
 * @param plain  0 to 2^31 - 1 bytes.
 * @returns      `plain.length` + 49 bytes for X25519, + 82 for P-256; different each time.
 * @throws {CryptoError} `KEY_INVALID` when `to` is of small order.
 */
export async function sealTo(
  to: PublicKey<'decrypt'>,
  { info, aad = empty }: Context,
  plain: Uint8Array,
  random: Random,
): Promise<Uint8Array> {
  const suite = suiteOf(to, random)
  try {
    const sealed = await suite.Seal(publicKemKey(to), plain, { info, aad })
    return join([to.algorithm.id], sealed.encapsulatedSecret, sealed.ciphertext)
  } catch (error) {
    throw error instanceof EncapError ? error.cause : error
  }
}

/**
 * Reverses {@link sealTo}. Used by credential stores; others call their `open`.
 *
 * @throws {CryptoError} `SEALED_MALFORMED` too short, or not for this key's algorithm;
 *   `SEALED_NOT_AUTHENTIC` for another key, another context, or changed bytes.
 */
export async function openWith(
  key: Agreement,
  { info, aad = empty }: Context,
  sealed: Uint8Array,
): Promise<Uint8Array> {
  const { algorithm } = key.decryptKey
  const body = 1 + algorithm.publicBytes
  if (sealed.length < body + TAG || sealed[0] !== algorithm.id)
    throw new CryptoError(
      'SEALED_MALFORMED',
      `found ${sealed.length} sealed bytes that begin with ${sealed[0]}, expected at least ` +
        `${body + TAG} that begin with ${algorithm.id} for ${algorithm.name}`,
    )
  const suite = suiteOf(key.decryptKey, unused)
  try {
    const options = { info, aad }
    return await suite.Open(privateKemKey(key), sealed.slice(1, body), sealed.slice(body), options)
  } catch (error) {
    // What a chip reports passes as it is; a bad point in the message is one more changed byte.
    const cause = error instanceof DecapError ? error.cause : error
    if (!(cause instanceof OpenError || cause instanceof CryptoError)) throw cause
    throw new CryptoError('SEALED_NOT_AUTHENTIC', 'the message does not open with this key here')
  }
}

/** A symmetric key sealed for the owner of `to`: 81 bytes for X25519, 114 for P-256. */
export function wrapKeyTo(
  to: PublicKey<'decrypt'>,
  context: Context,
  key: SymmetricKey,
  random: Random,
): Promise<Uint8Array> {
  return sealTo(to, context, bytesOf(key), random)
}

/** What can open sealed messages: a credential store. */
export type Opener = {
  readonly open: (sealed: Uint8Array, context: Context) => Promise<Uint8Array>
}

/** Reverses {@link wrapKeyTo}; throws as {@link openWith}, and `KEY_LENGTH`. */
export async function unwrapKeyWith(
  opener: Opener,
  context: Context,
  wrapped: Uint8Array,
): Promise<SymmetricKey> {
  const bytes = await opener.open(wrapped, context)
  try {
    return SymmetricKey.from(bytes)
  } finally {
    wipe(bytes)
  }
}

function suiteOf(key: PublicKey<'decrypt'>, random: Random) {
  return new CipherSuite(() => dhkem(key.algorithm, random), KDF_HKDF_SHA256, AEAD_AES_256_GCM)
}

const unused: Random = () => {
  throw new Error('opening draws no randomness')
}
