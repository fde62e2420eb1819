/**
 * Where a principal's keys are, and what they are asked to do. Nothing here gives a private key away,
 * so the same interface serves a file and a chip. Every implementation passes
 * `test/node/crypto/credential-store.compliance.ts`.
 */
import type { SigningInput } from '../codec/signing.ts'
import type { Context } from './hpke.ts'
import type { Principal } from './principal.ts'
import type { PublicKey } from './public-key.ts'

export type CredentialStore = {
  readonly kind: 'memory' | 'file' | 'tpm'
  readonly principal: Principal
  readonly signKey: PublicKey<'sign'>
  readonly decryptKey: PublicKey<'decrypt'>
  /** The signed `PrincipalRecord` of these keys, to be handed to others. */
  readonly record: Uint8Array
  /**
   * 65 bytes. A chip takes 25 to 200 ms: session keys sign what is written often.
   *
   * @throws {CredentialError} `CREDENTIALS_CLOSED`.
   */
  readonly sign: (input: SigningInput) => Promise<Uint8Array>
  /**
   * What was sealed for `decryptKey` in the same context.
   *
   * @throws {CryptoError} `SEALED_MALFORMED`, `SEALED_NOT_AUTHENTIC`.
   * @throws {CredentialError} `CREDENTIALS_CLOSED`.
   */
  readonly open: (sealed: Uint8Array, context: Context) => Promise<Uint8Array>
  /** Lets go of the keys; calls under way end, later ones are refused. May be called twice. */
  readonly close: () => Promise<void>
}

/**
 * | code | what is wrong |
 * |---|---|
 * | `CREDENTIALS_MISSING`, `CREDENTIALS_EXIST` | no keys where some are expected, or the reverse |
 * | `CREDENTIALS_EXPOSED` | others than the owner may read or write the file |
 * | `CREDENTIALS_DAMAGED`, `CREDENTIALS_VERSION` | changed or cut off; of another version |
 * | `CREDENTIALS_CLOSED` | used after `close` |
 */
export type CredentialCode =
  | 'CREDENTIALS_MISSING'
  | 'CREDENTIALS_EXIST'
  | 'CREDENTIALS_EXPOSED'
  | 'CREDENTIALS_DAMAGED'
  | 'CREDENTIALS_VERSION'
  | 'CREDENTIALS_CLOSED'

/** Never holds key material. */
export class CredentialError extends Error {
  readonly code: CredentialCode
  constructor(code: CredentialCode, message: string) {
    super(message)
    this.name = 'CredentialError'
    this.code = code
  }
}
