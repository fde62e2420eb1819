/**
 * Private keys in this process's memory. Their bytes are seen by nobody who does not ask for them by
 * {@link exportPrivateKey}: printing, logging or encoding a key shows its algorithm only.
 *
 * Bytes: the algorithm's id (1) | the private key (32): an Ed25519 seed (RFC 8032, 5.1.5), an X25519
 * scalar before clamping (RFC 7748, 5), a P-256 scalar big-endian from 1 to n - 1.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { inspect } from 'node:util'
import { algorithmOf, ECDSA_P256, HPKE_P256, PRIVATE_BYTES } from './algorithm.ts'
import type { Algorithm, Use } from './algorithm.ts'
import { join, wipe } from './bytes.ts'
import { CryptoError } from './error.ts'
import { isScalar } from './p256.ts'
import { PublicKey } from './public-key.ts'
import type { Random } from './random.ts'

let handleIn: (key: PrivateKey) => KeyObject

export class PrivateKey<U extends Use = Use> {
  static {
    handleIn = key => key.#handle
  }

  readonly publicKey: PublicKey<U>
  readonly #handle: KeyObject

  private constructor(publicKey: PublicKey<U>, handle: KeyObject) {
    this.publicKey = publicKey
    this.#handle = handle
  }

  /**
   * A key from its 33 bytes. The caller wipes them.
   *
   * @throws {CryptoError} `KEY_ALGORITHM`, `KEY_LENGTH`, `KEY_INVALID`.
   */
  static from<U extends Use>(use: U, bytes: Uint8Array): PrivateKey<U> {
    const algorithm = algorithmOf(bytes[0], use)
    if (bytes.length !== 1 + PRIVATE_BYTES)
      throw new CryptoError(
        'KEY_LENGTH',
        `found a private key for ${algorithm.name} of ${bytes.length} bytes, expected 33`,
      )
    if (isP256(algorithm) && !isScalar(bytes.subarray(1)))
      throw new CryptoError('KEY_INVALID', `the private key for ${algorithm.name} is out of range`)
    const der = Buffer.concat([algorithm.pkcs8, bytes.subarray(1)])
    const handle = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    wipe(der)
    const spki = createPublicKey(handle).export({ format: 'der', type: 'spki' })
    const raw = spki.subarray(spki.length - algorithm.publicBytes)
    return new PrivateKey(PublicKey.from(use, join([algorithm.id], raw)), handle)
  }

  /** A new key; for P-256, numbers that are out of range are drawn again (FIPS 186-5, A.2.2). */
  static generate<U extends Use>(use: U, algorithm: Algorithm, random: Random): PrivateKey<U> {
    for (;;) {
      const raw = random(PRIVATE_BYTES)
      if (isP256(algorithm) && !isScalar(raw)) continue
      const bytes = join([algorithm.id], raw)
      try {
        return PrivateKey.from(use, bytes)
      } finally {
        wipe(raw, bytes)
      }
    }
  }

  toString(): string {
    return `[private key for ${this.publicKey.algorithm.name}]`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

function isP256(algorithm: Algorithm): boolean {
  return algorithm === ECDSA_P256 || algorithm === HPKE_P256
}

/** For Node's own functions, inside `node/crypto`. */
export function handleOf(key: PrivateKey): KeyObject {
  return handleIn(key)
}

/** The 33 bytes of a key, for where it is kept. The caller wipes them. */
export function exportPrivateKey(key: PrivateKey): Uint8Array {
  const der = handleIn(key).export({ format: 'der', type: 'pkcs8' })
  const { algorithm } = key.publicKey
  // Node writes the public key of P-256 behind the private one, and so longer lengths before it.
  const plain = der.length === algorithm.pkcs8.length + PRIVATE_BYTES
  const at = plain ? algorithm.pkcs8.length : P256_OFFSET
  const bytes = join([algorithm.id], der.subarray(at, at + PRIVATE_BYTES))
  wipe(der)
  return bytes
}

/** Where the private key begins in a PrivateKeyInfo of P-256 that holds the public key as well. */
const P256_OFFSET = 36
