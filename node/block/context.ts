/**
 * What sealed bytes of blocks are bound to, so that they open nowhere else.
 *
 * Layout: `blocktree-block` and a zero byte, ASCII (16) | what (1) | block id (16) | epoch (4) | number
 * (8) | id of the parent (16, only for `parent`) | the tree's principal (34 or 38). Big-endian.
 */
import type { Principal } from '../crypto/principal.ts'
import type { BlockId } from './id.ts'
import { bytesOfPrincipal } from './known.ts'

/** The byte that says what is sealed, and what its number is. */
const WHAT = {
  /** A sector; its index. */
  sector: 1,
  /** Attributes; 0. */
  attributes: 2,
  /** The block's key under its parent's; the epoch of the parent's key. */
  parent: 3,
  /** The block's key of an earlier epoch; the epoch of the key that it is under. */
  earlier: 4,
  /** The block's key for a reader; 0. */
  reader: 5,
} as const

/** A block in its tree. */
export type Place = { readonly tree: Principal; readonly id: BlockId }

const START = new TextEncoder().encode('blocktree-block\0')
const FIXED = START.length + 1 + 16 + 4 + 8

/**
 * @param epoch   of the key that seals, or, for keys, of the key that is sealed.
 * @param number  see {@link WHAT}.
 * @param parent  for `parent`, and for that only.
 */
export function contextOf(
  what: keyof typeof WHAT,
  { tree, id }: Place,
  epoch: number,
  number = 0,
  parent?: BlockId,
): Uint8Array {
  const owner = bytesOfPrincipal(tree)
  const length = FIXED + (parent === undefined ? 0 : 16) + owner.length
  const context = Buffer.allocUnsafe(length)
  context.set(START)
  let at = context.writeUInt8(WHAT[what], START.length)
  at += context.write(id, at, 'hex')
  at = context.writeUInt32BE(epoch, at)
  at = context.writeBigUInt64BE(BigInt(number), at)
  if (parent !== undefined) at += context.write(parent, at, 'hex')
  context.set(owner, at)
  return context
}
