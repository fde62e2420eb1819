/**
 * What is known about a block besides its content, sealed with its key: blind storage sees none of it.
 *
 * Layout: the attributes in DAG-CBOR, sealed (n + 29 bytes).
 */
import { format } from '../codec/format.ts'
import { object, optional } from '../codec/object.ts'
import { constant, text, u32, u53, uint } from '../codec/scalars.ts'
import type { Infer } from '../codec/schema.ts'
import type { Random } from '../crypto/random.ts'
import { seal, SEAL_OVERHEAD, unseal } from '../crypto/seal.ts'
import type { SymmetricKey } from '../crypto/symmetric-key.ts'
import { contextOf, type Place } from './context.ts'

const schema = object({
  v: constant(1),
  /** Bytes of content. */
  size: u53,
  /** Permissions, as of POSIX: 12 bits. */
  mode: uint({ max: 0o7777 }),
  /** Times in ms since 1970. */
  modified: u53,
  created: u53,
  /** Of a symbolic link: where it leads. */
  target: optional(text({ min: 1, max: 4095 })),
  /** Content type (RFC 6838), as `text/plain; charset=utf-8`. */
  type: optional(text({ min: 1, max: 255 })),
  /** Of a directory: names in it. */
  entries: optional(u53),
  /** Directories' entries that lead here; missing: 1. */
  links: optional(u32),
})

export type Attributes = Infer<typeof schema>

/** Of the attributes before they are sealed. */
export const attributesFormat = format('attributes', schema)

/** Of the sealed bytes. */
export const ATTRIBUTES_BYTES_MAX = attributesFormat.limits.bytes + SEAL_OVERHEAD

/**
 * @param key  of `epoch`, the header's.
 * @throws {CodecError} for what are no attributes.
 */
export function sealAttributes(
  key: SymmetricKey,
  place: Place,
  epoch: number,
  attributes: Attributes,
  random: Random,
): Uint8Array {
  const context = contextOf('attributes', place, epoch)
  return seal(key, context, attributesFormat.encode(attributes), random)
}

/**
 * Reverses {@link sealAttributes}.
 *
 * @throws {CryptoError} as {@link unseal}.
 * @throws {CodecError} when whoever had the key sealed something else.
 */
export function openAttributes(
  key: SymmetricKey,
  place: Place,
  epoch: number,
  sealed: Uint8Array,
): Attributes {
  return attributesFormat.decode(unseal(key, contextOf('attributes', place, epoch), sealed))
}
