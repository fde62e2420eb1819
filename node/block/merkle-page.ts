/**
 * Pages: how a Merkle tree is kept. A page is up to 64 hashes, 32 bytes each, one after the other; its
 * name is the root over them.
 *
 * Two kinds of pages are never kept, as they follow from their name: of a single hash (it is the
 * name), and of a full subtree of holes.
 */
import { equal } from '../crypto/bytes.ts'
import { HASH_BYTES } from '../crypto/hash.ts'
import { BlockError } from './error.ts'
import { rootOver } from './merkle-hash.ts'
import { holesAt, isImplied } from './merkle-shape.ts'

/** A page by its name, as it was given to {@link MerkleTree.flush}'s caller. */
export type LoadPage = (hash: Uint8Array) => Promise<Uint8Array>

/** A page to be kept under `hash`; `bytes` are the page's own. */
export type NewPage = { readonly hash: Uint8Array; readonly bytes: Uint8Array }

/** Hashes in a group; eight groups are a page. */
const GROUP = 8

/** A page in memory. Roots over groups are held, so that one change costs 14 hashes and not 63. */
export class Page {
  #hashes: Uint8Array
  readonly #groups = new Uint8Array(GROUP * HASH_BYTES)
  /** A bit for each group whose root is not known. */
  #stale = 0xff
  /** The name it is kept under; of a new page none. */
  name: Uint8Array | undefined
  changed = false

  /** @param hashes  1 to 64, which become the page's own. */
  constructor(hashes: Uint8Array) {
    this.#hashes = hashes
  }

  /** `count` hashes of holes at `level`. */
  static ofHoles(level: number, count: number): Page {
    const hashes = new Uint8Array(count * HASH_BYTES)
    for (let i = 0; i < count; i++) hashes.set(holesAt(level), i * HASH_BYTES)
    return new Page(hashes)
  }

  /** Not to be changed. */
  get bytes(): Uint8Array {
    return this.#hashes
  }

  get count(): number {
    return this.#hashes.length / HASH_BYTES
  }

  /** The hash `at`, in memory of its own. */
  get(at: number): Uint8Array {
    return this.#hashes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES)
  }

  set(at: number, hash: Uint8Array): void {
    this.#hashes.set(hash, at * HASH_BYTES)
    this.#stale |= 1 << Math.floor(at / GROUP)
  }

  /** Cuts off, or adds holes at `level`. */
  resize(level: number, count: number): void {
    const { bytes } = Page.ofHoles(level, count)
    bytes.set(this.#hashes.subarray(0, bytes.length))
    this.#hashes = bytes
    this.#stale = 0xff
  }

  root(): Uint8Array {
    const groups = Math.ceil(this.count / GROUP)
    for (let i = 0; i < groups; i++) {
      if ((this.#stale & (1 << i)) === 0) continue
      const [from, to] = [i * GROUP * HASH_BYTES, (i + 1) * GROUP * HASH_BYTES]
      this.#groups.set(rootOver(this.#hashes.subarray(from, to)), i * HASH_BYTES)
    }
    this.#stale = 0
    return rootOver(this.#groups.subarray(0, groups * HASH_BYTES))
  }
}

/**
 * The page `name`.
 *
 * @param count  how many hashes it has, which follows from the number of sectors.
 * @throws {BlockError} `BLOCK_MERKLE` when `load` gives another page.
 */
export async function loadPage(
  name: Uint8Array,
  level: number,
  count: number,
  load: LoadPage,
): Promise<Page> {
  const page = isImplied(name, level, count)
    ? count === 1
      ? new Page(Uint8Array.from(name))
      : Page.ofHoles(level, count)
    : checked(name, count, await load(name))
  page.name = name
  return page
}

function checked(name: Uint8Array, count: number, bytes: Uint8Array): Page {
  if (bytes.length === count * HASH_BYTES) {
    const page = new Page(Uint8Array.from(bytes))
    if (equal(page.root(), name)) return page
  }
  throw new BlockError(
    'BLOCK_MERKLE',
    `a page of ${bytes.length} bytes is not the one named, of ${count * HASH_BYTES}: ` +
      'it is damaged, fetch it from elsewhere',
  )
}
