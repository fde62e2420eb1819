/**
 * Pages: how a Merkle tree is kept. A page is up to 64 hashes, 32 bytes each, one after the other; its
 * name is the root over them. Pages of level 0 hold leaves, those of level 1 names of pages of level
 * 0, and so on: as 64 is a power of two, the names are nodes of the tree itself.
 *
 * Two kinds of pages are never kept, as they follow from their name: of a single hash (it is the
 * name), and of a full subtree of holes.
 */
import { HASH_BYTES } from '../crypto/hash.ts'
import { equal } from '../crypto/bytes.ts'
import { BlockError } from './error.ts'
import { holesRoot, rootOver } from './merkle-hash.ts'

/** Hashes in a page, and the level of the tree that a page spans, as a power of two. */
export const PAGE_HASHES = 64
export const PAGE_HEIGHT = 6

/** A page by its name, as it was given to {@link MerkleTree.flush}'s caller. */
export type LoadPage = (hash: Uint8Array) => Promise<Uint8Array>

/** A page to be kept under `hash`; `bytes` are the page's own. */
export type NewPage = { readonly hash: Uint8Array; readonly bytes: Uint8Array }

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

/** `count` hashes at `level`, all of holes. */
export function holePage(level: number, count: number): Uint8Array {
  const page = new Uint8Array(count * HASH_BYTES)
  for (let i = 0; i < count; i++) page.set(holesAt(level), i * HASH_BYTES)
  return page
}

/** Whether a page of `count` hashes at `level` follows from its name. */
export function isImplied(name: Uint8Array, level: number, count: number): boolean {
  return count <= 1 || (count === PAGE_HASHES && equal(name, holesAt(level + 1)))
}

/**
 * The hashes of the page `name`, in memory of their own.
 *
 * @param count  how many hashes it has, which follows from the number of sectors.
 * @throws {BlockError} `BLOCK_MERKLE` when `load` gives another page.
 */
export async function loadPage(
  name: Uint8Array,
  level: number,
  count: number,
  load: LoadPage,
): Promise<Uint8Array> {
  if (isImplied(name, level, count))
    return count === 1 ? Uint8Array.from(name) : holePage(level, count)
  const bytes = await load(name)
  if (bytes.length === count * HASH_BYTES && equal(rootOver(bytes), name))
    return Uint8Array.from(bytes)
  throw new BlockError(
    'BLOCK_MERKLE',
    `a page of ${bytes.length} bytes is not the one named, of ${count * HASH_BYTES}: ` +
      'it is damaged, fetch it from elsewhere',
  )
}
