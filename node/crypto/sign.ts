/**
 * Signatures: the algorithm's id (1) | 64 bytes. Ed25519: R | S as of RFC 8032. ECDSA P-256 over
 * SHA-256: r | s, big-endian, s at most half the order. So nobody but the signer can make another
 * signature out of one.
 */
import { sign as nodeSign, verify as nodeVerify } from 'node:crypto'
import { bytes } from '../codec/scalars.ts'
import type { SigningInput } from '../codec/signing.ts'
import { ED25519, type Algorithm } from './algorithm.ts'
import { join } from './bytes.ts'
import { CryptoError } from './error.ts'
import { isLowS, lowS } from './p256.ts'
import { handleOf, type PrivateKey } from './private-key.ts'
import type { PublicKey } from './public-key.ts'

export const SIGNATURE_BYTES = 65

/** For formats. */
export const signatureSchema = bytes({ length: SIGNATURE_BYTES })

/** Who can sign: a key in memory, a credential store, a chip. */
export type Signer = {
  readonly signKey: PublicKey<'sign'>
  /** 65 bytes. */
  readonly sign: (input: SigningInput) => Promise<Uint8Array>
}

/** Signs with a key in memory. @returns 65 bytes. */
export function sign(key: PrivateKey<'sign'>, input: SigningInput): Uint8Array {
  const { algorithm } = key.publicKey
  const signature =
    algorithm === ED25519
      ? nodeSign(null, input, handleOf(key))
      : nodeSign('sha256', input, { key: handleOf(key), dsaEncoding: 'ieee-p1363' })
  return signatureOf(algorithm, signature)
}

/** The 65 bytes of a signature of 64 that a chip or library made. */
export function signatureOf(algorithm: Algorithm, raw: Uint8Array): Uint8Array {
  return join([algorithm.id], algorithm === ED25519 ? raw : lowS(raw))
}

/**
 * Returns when `signature` is that of the key's owner on `input`.
 *
 * @throws {CryptoError} `SIGNATURE_MALFORMED` not 65 bytes, another algorithm than the key's, or an s
 *   that is too large; `SIGNATURE_WRONG`.
 */
export function verify(key: PublicKey<'sign'>, input: SigningInput, signature: Uint8Array): void {
  const { algorithm } = key
  if (signature.length !== SIGNATURE_BYTES || signature[0] !== algorithm.id)
    throw new CryptoError(
      'SIGNATURE_MALFORMED',
      `found a signature of ${signature.length} bytes that begins with ${signature[0]}, ` +
        `expected ${SIGNATURE_BYTES} bytes that begin with ${algorithm.id} for ${algorithm.name}`,
    )
  const raw = signature.subarray(1)
  if (algorithm !== ED25519 && !isLowS(raw))
    throw new CryptoError('SIGNATURE_MALFORMED', 'found the larger s of two, expected the smaller')
  const right =
    algorithm === ED25519
      ? nodeVerify(null, input, key.handle, raw)
      : nodeVerify('sha256', input, { key: key.handle, dsaEncoding: 'ieee-p1363' }, raw)
  if (!right)
    throw new CryptoError('SIGNATURE_WRONG', `the signature does not fit the ${algorithm.name} key`)
}
