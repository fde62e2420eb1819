/**
 * Principals: whoever can sign, named by their key the way libp2p names peers, so that a node has one
 * name on the network, in certificates and in paths (libp2p specs, peer-ids).
 *
 * Bytes: a multihash of the public key in libp2p's protobuf, 0x08 type 0x12 length key. Ed25519 (type
 * 1, 32 bytes raw) under the identity hash: 0x00 0x24 | 36 bytes, 38 in all. ECDSA (type 3, DER) under
 * SHA-256: 0x12 0x20 | 32 bytes, 34 in all.
 * Text: CIDv1 in base36, codec libp2p-key: `k` and base36 of 0x01 0x72 | multihash. 50 to 62
 * letters and digits, so it fits a DNS label.
 */
import { base36 } from 'multiformats/bases/base36'
import { as } from '../codec/list.ts'
import { bytes } from '../codec/scalars.ts'
import type { Schema } from '../codec/schema.ts'
import { ED25519 } from './algorithm.ts'
import { equal, join } from './bytes.ts'
import { CryptoError } from './error.ts'
import { multihash } from './hash.ts'
import type { PublicKey } from './public-key.ts'

declare const brand: unique symbol

/** The text form; two principals are the same when their texts are. */
export type Principal = string & { readonly [brand]: 'principal' }

const IDENTITY_START = new Uint8Array([0x00, 0x24, 0x08, 0x01, 0x12, 0x20])
const SHA256_START = new Uint8Array([0x12, 0x20])
const CID_START = new Uint8Array([0x01, 0x72])
const TEXT_MAX = 62

/** Who signs with `key`. */
export function principalOf(key: PublicKey<'sign'>): Principal {
  if (key.algorithm === ED25519) return textOf(join(IDENTITY_START, key.raw))
  const der = key.spki
  return textOf(multihash(new Uint8Array([0x08, 0x03, 0x12, der.length]), der))
}

/** @throws {CryptoError} `PRINCIPAL_OTHER` when `key` is not `principal`'s. */
export function expectPrincipal(principal: Principal, key: PublicKey<'sign'>): void {
  const found = principalOf(key)
  if (found !== principal)
    throw new CryptoError('PRINCIPAL_OTHER', `found the key of ${found}, expected ${principal}'s`)
}

/**
 * A principal by its text, as people type it.
 *
 * @throws {CryptoError} `PRINCIPAL_MALFORMED`.
 */
export function parsePrincipal(text: string): Principal {
  const wrong = (why: string) =>
    new CryptoError(
      'PRINCIPAL_MALFORMED',
      `found ${JSON.stringify(text.slice(0, TEXT_MAX))}, expected a principal such as k51…: ${why}`,
    )
  if (!/^k[0-9a-z]+$/.test(text) || text.length > TEXT_MAX)
    throw wrong(`k and small letters and digits, at most ${TEXT_MAX} in all`)
  const cid = base36.decode(text)
  if (!equal(cid.subarray(0, 2), CID_START)) throw wrong('it names something else')
  return principalFrom(cid.subarray(2))
}

/** @throws {CryptoError} `PRINCIPAL_MALFORMED` for bytes that are no multihash of a key. */
export function principalFrom(multihash: Uint8Array): Principal {
  const ed25519 = multihash.length === 38 && equal(multihash.subarray(0, 6), IDENTITY_START)
  const hashed = multihash.length === 34 && equal(multihash.subarray(0, 2), SHA256_START)
  if (ed25519 || hashed) return textOf(multihash)
  throw new CryptoError(
    'PRINCIPAL_MALFORMED',
    `found ${multihash.length} bytes, expected 34 or 38, the multihash of a signing key`,
  )
}

/** 34 or 38 bytes. */
export function principalBytes(principal: Principal): Uint8Array {
  return base36.decode(principal).slice(CID_START.length)
}

/** For formats. */
export const principalSchema: Schema<Principal> = as(
  bytes({ min: 34, max: 38 }),
  principalFrom,
  principalBytes,
)

function textOf(multihash: Uint8Array): Principal {
  return base36.encode(join(CID_START, multihash)) as Principal
}
