/**
 * Block ids: 16 random bytes, in text 32 hexadecimal digits. The root block's id follows from the
 * tree: the first 16 bytes of SHA-256 of `signingInput('root-block', the tree's principal)`.
 */
import { as } from '../codec/list.ts'
import { bytes } from '../codec/scalars.ts'
import type { Schema } from '../codec/schema.ts'
import { signingInput } from '../codec/signing.ts'
import { sha256 } from '../crypto/hash.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Random } from '../crypto/random.ts'
import { BlockError } from './error.ts'
import { bytesOfPrincipal } from './known.ts'
import { Recent } from './recent.ts'

declare const brand: unique symbol

/** The text form, small letters; two blocks of a tree are the same when their texts are. */
export type BlockId = string & { readonly [brand]: 'block-id' }

export const BLOCK_ID_BYTES = 16

export function newBlockId(random: Random): BlockId {
  return textOf(random(BLOCK_ID_BYTES))
}

/** @throws {BlockError} `BLOCK_ID`. */
export function parseBlockId(text: string): BlockId {
  if (/^[0-9a-f]{32}$/.test(text)) return text as BlockId
  const found = JSON.stringify(text.slice(0, 40))
  throw new BlockError('BLOCK_ID', `found ${found}, expected 32 of 0 to 9 and a to f`)
}

/**
 * @param bytes  16.
 * @throws {BlockError} `BLOCK_ID`.
 */
export function blockIdFrom(bytes: Uint8Array): BlockId {
  if (bytes.length === BLOCK_ID_BYTES) return textOf(bytes)
  throw new BlockError('BLOCK_ID', `found ${bytes.length} bytes, expected 16`)
}

/** 16 bytes. */
export function blockIdBytes(id: BlockId): Uint8Array {
  return new Uint8Array(Buffer.from(id, 'hex'))
}

/** For formats. */
export const blockIdSchema: Schema<BlockId> = as(
  bytes({ length: BLOCK_ID_BYTES }),
  textOf,
  blockIdBytes,
)

const roots = new Recent<Principal, BlockId>(64)

/** The root block of the tree that `tree` owns. */
export function rootBlockId(tree: Principal): BlockId {
  let id = roots.get(tree)
  if (id === undefined) {
    const hash = sha256(signingInput('root-block', bytesOfPrincipal(tree)))
    roots.set(tree, (id = textOf(hash.subarray(0, BLOCK_ID_BYTES))))
  }
  return id
}

function textOf(bytes: Uint8Array): BlockId {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex') as BlockId
}
