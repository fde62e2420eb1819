/**
 * The algorithms, and the byte that names each: the first byte of every key, signature and sealed
 * text. A number is never used again for anything else.
 */
import { CryptoError } from './error.ts'

/** What the private key of a pair does: `sign`, or `decrypt` (also: agree on a key). */
export type Use = 'sign' | 'decrypt'

export type Algorithm = {
  readonly id: number
  readonly name: string
  readonly use: Use
  /** Bytes of a public key without the algorithm's byte; of a private one 32 for all. */
  readonly publicBytes: number
  /** Bytes of a SubjectPublicKeyInfo (RFC 5280, 8410, 5480) before the public key. */
  readonly spki: Buffer
  /** Bytes of a PrivateKeyInfo (RFC 5208, 8410, 5915) before the private key. */
  readonly pkcs8: Buffer
}

export const PRIVATE_BYTES = 32

const hex = (text: string) => Buffer.from(text, 'hex')

const P256 = {
  publicBytes: 65,
  spki: hex('3059301306072a8648ce3d020106082a8648ce3d030107034200'),
  pkcs8: hex('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420'),
}

/** Signatures as of RFC 8032; public keys 32 bytes. */
export const ED25519: Algorithm = {
  id: 0x01,
  name: 'ed25519',
  use: 'sign',
  publicBytes: 32,
  spki: hex('302a300506032b6570032100'),
  pkcs8: hex('302e020100300506032b657004220420'),
}

/** ECDSA (FIPS 186-5) over SHA-256; public keys are uncompressed points (SEC 1, 2.3.3), 65 bytes. */
export const ECDSA_P256: Algorithm = { id: 0x02, name: 'ecdsa-p256', use: 'sign', ...P256 }

/** HPKE with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; public keys 32 bytes. */
export const X25519: Algorithm = {
  id: 0x11,
  name: 'hpke-x25519',
  use: 'decrypt',
  publicBytes: 32,
  spki: hex('302a300506032b656e032100'),
  pkcs8: hex('302e020100300506032b656e04220420'),
}

/** HPKE with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; public keys 65 bytes. */
export const HPKE_P256: Algorithm = { id: 0x12, name: 'hpke-p256', use: 'decrypt', ...P256 }

/** AES-256-GCM with a random nonce (NIST SP 800-38D). */
export const AES_256_GCM_ID = 0x21

const ALL: readonly Algorithm[] = [ED25519, ECDSA_P256, X25519, HPKE_P256]

/**
 * @param id  the first byte of a key.
 * @throws {CryptoError} `KEY_ALGORITHM`.
 */
export function algorithmOf(id: number | undefined, use: Use): Algorithm {
  const found = ALL.find(algorithm => algorithm.id === id)
  if (found?.use === use) return found
  const names = ALL.filter(algorithm => algorithm.use === use).map(({ name }) => name)
  throw new CryptoError(
    'KEY_ALGORITHM',
    `found a key for ${found?.name ?? `algorithm ${id ?? 'nothing'}`}, expected ${names.join(' or ')}`,
  )
}
