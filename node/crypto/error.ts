/** What keys, signatures, sealed bytes and principals are refused for. */

/**
 * | code | what is wrong |
 * |---|---|
 * | `KEY_ALGORITHM`, `KEY_LENGTH` | an algorithm that is not known, or for the other use; too few or many bytes |
 * | `KEY_INVALID` | no point of the curve, of small order, or no scalar of it |
 * | `KEY_WIPED` | a symmetric key is used after its bytes were zeroed |
 * | `SIGNATURE_MALFORMED`, `SIGNATURE_WRONG` | not the form of the key's algorithm; does not fit key and content |
 * | `SEALED_MALFORMED`, `SEALED_NOT_AUTHENTIC` | too short or of another algorithm; wrong key, wrong context or changed bytes |
 * | `PRINCIPAL_MALFORMED`, `PRINCIPAL_OTHER` | no principal's name; a key that is not that principal's |
 */
export type CryptoCode =
  | 'KEY_ALGORITHM'
  | 'KEY_LENGTH'
  | 'KEY_INVALID'
  | 'KEY_WIPED'
  | 'SIGNATURE_MALFORMED'
  | 'SIGNATURE_WRONG'
  | 'SEALED_MALFORMED'
  | 'SEALED_NOT_AUTHENTIC'
  | 'PRINCIPAL_MALFORMED'
  | 'PRINCIPAL_OTHER'

/** Never holds key material, plain text or a cause that might. */
export class CryptoError extends Error {
  readonly code: CryptoCode
  constructor(code: CryptoCode, message: string) {
    super(message)
    this.name = 'CryptoError'
    this.code = code
  }
}
