/**
 * Signed values: a body and the signature of the key that the body names.
 *
 * Layout: DAG-CBOR {body: bytes, signature: 65 bytes}. The body is the encoding of the value; the
 * signature covers `signingInput(domain, body)`. So what was signed is there byte for byte.
 */
import { format, type Format } from '../codec/format.ts'
import { object } from '../codec/object.ts'
import { bytes } from '../codec/scalars.ts'
import { signingInput } from '../codec/signing.ts'
import { principalOf, expectPrincipal } from './principal.ts'
import type { PublicKey } from './public-key.ts'
import { signatureSchema, verify, type Signer } from './sign.ts'

export type SignedFormat<T> = {
  readonly domain: string
  /** Limit of the encoding's length. */
  readonly maxBytes: number
  /**
   * The encoding of `value`, signed.
   *
   * @throws {CodecError} for a value that is none of the format.
   * @throws {CryptoError} `PRINCIPAL_OTHER` when the value names another key than `signer`'s.
   */
  readonly sign: (value: T, signer: Signer) => Promise<Uint8Array>
  /**
   * The value of an encoding, when its signature is right.
   *
   * @throws {CodecError} as {@link Format.decode}.
   * @throws {CryptoError} `SIGNATURE_MALFORMED`, `SIGNATURE_WRONG`.
   */
  readonly open: (signed: Uint8Array) => T
}

/**
 * @param domain    see docs/formats.md for those there are.
 * @param body      its name begins the paths in errors.
 * @param signedBy  the key in the body that has to sign it.
 */
export function signedFormat<T>(
  domain: string,
  body: Format<T>,
  signedBy: (value: T) => PublicKey<'sign'>,
): SignedFormat<T> {
  const fields = { body: bytes({ max: body.limits.bytes }), signature: signatureSchema }
  const outer = format(body.name, object(fields))
  return {
    domain,
    maxBytes: outer.limits.bytes,
    async sign(value, signer) {
      const key = signedBy(value)
      if (!key.equals(signer.signKey)) expectPrincipal(principalOf(key), signer.signKey)
      const encoded = body.encode(value)
      const signature = await signer.sign(signingInput(domain, encoded))
      return outer.encode({ body: encoded, signature })
    },
    open(signed) {
      const { body: encoded, signature } = outer.decode(signed)
      const value = body.decode(encoded)
      verify(signedBy(value), signingInput(domain, encoded), signature)
      return value
    },
  }
}
