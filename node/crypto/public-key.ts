/** Public keys. Bytes: the algorithm's id (1) | the key as the algorithm writes it. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { as } from '../codec/list.ts'
import { bytes } from '../codec/scalars.ts'
import type { Schema } from '../codec/schema.ts'
import { algorithmOf, ED25519, X25519, type Algorithm, type Use } from './algorithm.ts'
import { equal, join } from './bytes.ts'
import { soundEd25519, soundX25519 } from './curve25519.ts'
import { CryptoError } from './error.ts'
import { isUncompressed } from './p256.ts'

export const PUBLIC_KEY_BYTES_MAX = 66

/** The public key of a pair whose private key does `U`; a key for the other use does not fit. */
export class PublicKey<U extends Use = Use> {
  readonly use: U
  readonly algorithm: Algorithm
  /** 33 or 66 bytes; not to be changed. */
  readonly bytes: Uint8Array
  #handle: KeyObject | undefined

  private constructor(use: U, algorithm: Algorithm, bytes: Uint8Array, handle?: KeyObject) {
    this.use = use
    this.algorithm = algorithm
    this.bytes = bytes
    this.#handle = handle
  }

  /**
   * A key from its bytes, 33 or 66; checked, so that a key that exists is a good one.
   *
   * @throws {CryptoError} `KEY_ALGORITHM`, `KEY_LENGTH`, `KEY_INVALID`.
   */
  static from<U extends Use>(use: U, bytes: Uint8Array): PublicKey<U> {
    const algorithm = algorithmOf(bytes[0], use)
    const length = 1 + algorithm.publicBytes
    if (bytes.length !== length)
      throw new CryptoError(
        'KEY_LENGTH',
        `found a public key for ${algorithm.name} of ${bytes.length} bytes, expected ${length}`,
      )
    const handle = checked(algorithm, bytes.subarray(1))
    return new PublicKey(use, algorithm, Uint8Array.from(bytes), handle)
  }

  /** The key as the algorithm writes it, 32 or 65 bytes. */
  get raw(): Uint8Array {
    return this.bytes.subarray(1)
  }

  /** For Node's own functions. */
  get handle(): KeyObject {
    return (this.#handle ??= imported(this.algorithm, this.raw))
  }

  /** DER, SubjectPublicKeyInfo: 44 or 91 bytes. */
  get spki(): Uint8Array {
    return join(this.algorithm.spki, this.raw)
  }

  equals(other: PublicKey): boolean {
    return equal(this.bytes, other.bytes)
  }
}

/** For formats: keys for `use`. */
export function publicKeySchema<U extends Use>(use: U): Schema<PublicKey<U>> {
  const size = bytes({ min: 33, max: PUBLIC_KEY_BYTES_MAX })
  return as(
    size,
    plain => PublicKey.from(use, plain),
    key => key.bytes,
  )
}

/** Points of P-256 are checked by importing them; the others need no OpenSSL until they are used. */
function checked(algorithm: Algorithm, raw: Uint8Array): KeyObject | undefined {
  const invalid = () =>
    new CryptoError('KEY_INVALID', `the public key for ${algorithm.name} is no point to be used`)
  if (algorithm === ED25519 || algorithm === X25519) {
    const sound = algorithm === ED25519 ? soundEd25519(raw) : soundX25519(raw)
    if (!sound) throw invalid()
    return undefined
  }
  if (!isUncompressed(raw)) throw invalid()
  try {
    return imported(algorithm, raw)
  } catch {
    throw invalid()
  }
}

function imported(algorithm: Algorithm, raw: Uint8Array): KeyObject {
  const key = Buffer.concat([algorithm.spki, raw])
  return createPublicKey({ key, format: 'der', type: 'spki' })
}
