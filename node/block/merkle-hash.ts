/**
 * Hashes of the Merkle tree over a block's sectors, as RFC 9162, 2.1.1 has it: neighbours are paired
 * level by level, one without a neighbour goes up as it is.
 *
 * Leaf: SHA-256(0x00 | index of the sector, u64 big-endian | the sector's bytes); of a hole 32 zero
 * bytes. Node: SHA-256(0x01 | left | right). Of no sectors: SHA-256 of nothing.
 */
import { hash } from 'node:crypto'
import { equal, join } from '../crypto/bytes.ts'
import { HASH_BYTES, sha256 } from '../crypto/hash.ts'

export const HOLE: Uint8Array = new Uint8Array(HASH_BYTES)
export const EMPTY_ROOT: Uint8Array = sha256()

export function isHole(leaf: Uint8Array): boolean {
  return equal(leaf, HOLE)
}

/** 32 bytes; the name that the sector is kept under. */
export function leafHash(index: number, sector: Uint8Array): Uint8Array {
  const start = Buffer.alloc(9)
  start.writeBigUInt64BE(BigInt(index), 1)
  return sha256(start, sector)
}

/** 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return rootOver(join(left, right))
}

const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1)

/** The root over `hashes`, 32 bytes each, one after the other; of none {@link EMPTY_ROOT}. */
export function rootOver(hashes: Uint8Array): Uint8Array {
  if (hashes.length === 0) return EMPTY_ROOT
  const level = Buffer.from(hashes)
  let count = hashes.length / HASH_BYTES
  for (; count > 1; count = Math.ceil(count / 2)) {
    for (let i = 0; i + 1 < count; i += 2) {
      // Of all ways to get a short hash out of Node this is the fastest, by half.
      level.copy(node, 1, i * HASH_BYTES, (i + 2) * HASH_BYTES)
      level.write(hash('sha256', node, 'binary'), (i / 2) * HASH_BYTES, 'latin1')
    }
    if (count % 2 === 1)
      level.copy(
        level,
        ((count - 1) / 2) * HASH_BYTES,
        (count - 1) * HASH_BYTES,
        count * HASH_BYTES,
      )
  }
  return new Uint8Array(level.subarray(0, HASH_BYTES))
}

const holes: Uint8Array[] = [HOLE]

/** The root over 2^`height` holes. */
export function holesRoot(height: number): Uint8Array {
  for (let h = holes.length; h <= height; h++) holes.push(nodeHash(holes[h - 1]!, holes[h - 1]!))
  return holes[height]!
}
