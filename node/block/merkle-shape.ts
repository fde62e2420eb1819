/**
 * How a Merkle tree is cut into pages: up to 64 hashes each. Those of level 0 hold leaves, those of
 * level 1 names of pages of level 0, and so on.
 */
import { equal } from '../crypto/bytes.ts'
import { holesRoot } from './merkle-hash.ts'

/** Hashes in a page: a power of two, so that names of pages are nodes of the tree. */
export const PAGE_HASHES = 64
/** Its logarithm. */
const PAGE_HEIGHT = 6

/** Hashes at `level` of a tree of `count` sectors: leaves at 0, names of pages above. */
export function hashesAt(level: number, count: number): number {
  return Math.ceil(count / PAGE_HASHES ** level)
}

/** The level of the one page at the top. */
export function topLevel(count: number): number {
  let level = 0
  while (hashesAt(level, count) > PAGE_HASHES) level++
  return level
}

/** Hashes in the page `index` of `level`. */
export function hashesIn(level: number, index: number, count: number): number {
  return Math.min(PAGE_HASHES, hashesAt(level, count) - index * PAGE_HASHES)
}

/** A hash at `level` that stands for holes only, in a full subtree. */
export function holesAt(level: number): Uint8Array {
  return holesRoot(level * PAGE_HEIGHT)
}

/** Whether a page of `count` hashes at `level` follows from its name, and so is never kept. */
export function isImplied(name: Uint8Array, level: number, count: number): boolean {
  return count <= 1 || (count === PAGE_HASHES && equal(name, holesAt(level + 1)))
}
