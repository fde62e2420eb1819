/**
 * The sectors of one version of a block, read and changed. What is changed is sealed at once and
 * collected as pieces, under new names: the version as it is kept stays as it is.
 *
 * The plain text of a sector is at most the sector size. What a sector lacks to that size reads as
 * zeros; zeros are added to a multiple of 512 bytes before it is sealed, so that sizes show no more.
 */
import { equal } from '../crypto/bytes.ts'
import type { Random } from '../crypto/random.ts'
import type { SymmetricKey } from '../crypto/symmetric-key.ts'
import type { Place } from '../block/context.ts'
import { BlockError } from '../block/error.ts'
import { HOLE, isHole, leafHash } from '../block/merkle-hash.ts'
import { MerkleTree } from '../block/merkle.ts'
import { openSector, SECTOR_OVERHEAD, sealSector, sectorEpoch } from '../block/sector.ts'
import type { Piece } from '../store/change.ts'
import { TreeError } from './error.ts'

/** Sizes of sealed contents are multiples of this many bytes. */
export const PADDING = 512

/** Sectors whose memory waits to be used again. */
const FREE_MAX = 32

export type ContentOptions = {
  readonly place: Place
  readonly sectorSize: number
  /** 32 bytes. */
  readonly root: Uint8Array
  /** Sectors. */
  readonly count: number
  /** The block's key of an epoch. */
  readonly keyOf: (epoch: number) => SymmetricKey
  /** Sectors and pages by their hashes, in the same order. */
  readonly load: (hashes: readonly Uint8Array[]) => Promise<Uint8Array[]>
  /** Takes back what `load` gave, when it is not needed any more. */
  readonly unload?: (loaded: readonly Uint8Array[]) => void
  readonly random: Random
}

export class Content {
  readonly #of: ContentOptions
  readonly #merkle: MerkleTree
  /** Sealed sectors that nobody took yet, by index. */
  readonly #fresh = new Map<number, Piece>()
  readonly #free: Buffer[] = []

  constructor(of: ContentOptions) {
    this.#of = of
    const load = async (hash: Uint8Array) => (await of.load([hash]))[0]!
    this.#merkle = new MerkleTree({ root: of.root, count: of.count, load })
  }

  /** Sectors. */
  get count(): number {
    return this.#merkle.count
  }

  /** The name of a sector, 32 bytes; zeros for a hole. */
  leaf(index: number): Promise<Uint8Array> {
    return this.#merkle.get(index)
  }

  /**
   * The plain text of a sector, undefined for a hole.
   *
   * @throws {BlockError} `BLOCK_MERKLE`, `BLOCK_EPOCH`; {CryptoError} `SEALED_NOT_AUTHENTIC`;
   *   {StoreError} `STORE_PIECE_MISSING`.
   */
  async read(index: number): Promise<Uint8Array | undefined> {
    const [sector] = await this.#sectors(index, 1)
    return sector && this.#open(index, sector)
  }

  /** The plain texts of `count` sectors from `first` on; read together. Throws as `read`. */
  async readRun(first: number, count: number): Promise<(Uint8Array | undefined)[]> {
    const sectors = await this.#sectors(first, count)
    const plain = sectors.map((sector, i) => sector && this.#open(first + i, sector))
    this.#of.unload?.(sectors.filter(sector => sector !== undefined))
    return plain
  }

  /** The epoch of the key that a sector is sealed with, undefined for a hole. Throws as `read`. */
  async epochOf(index: number): Promise<number | undefined> {
    const [sector] = await this.#sectors(index, 1)
    return sector && sectorEpoch(sector)
  }

  /**
   * Seals a sector with the key of `epoch`.
   *
   * @param plain  1 to `sectorSize` bytes; of none, a hole is made.
   * @returns      its name, 32 bytes.
   */
  async write(index: number, epoch: number, plain: Uint8Array): Promise<Uint8Array> {
    if (plain.length === 0) {
      this.#fresh.delete(index)
      await this.#merkle.set(index, HOLE)
      return HOLE
    }
    const { place, keyOf, random, sectorSize } = this.#of
    const all = padded(plain, sectorSize)
    const into = all.length === sectorSize ? this.#free.pop() : undefined
    const bytes = sealSector(keyOf(epoch), place, epoch, index, all, random, into)
    const hash = leafHash(index, bytes)
    this.#fresh.set(index, { hash, bytes })
    await this.#merkle.set(index, hash)
    return hash
  }

  /** Cuts off, or adds holes. */
  async resize(count: number): Promise<void> {
    for (const index of this.#fresh.keys()) if (index >= count) this.#fresh.delete(index)
    await this.#merkle.resize(count)
  }

  /** Sealed sectors that were not taken before. They are read from the store from now on. */
  take(): Piece[] {
    const pieces = [...this.#fresh.values()]
    this.#fresh.clear()
    return pieces
  }

  /** Memory of pieces that were taken and written, to be used again. */
  recycle(pieces: readonly Piece[]): void {
    const length = this.#of.sectorSize + SECTOR_OVERHEAD
    for (const { bytes } of pieces)
      if (bytes.length === length && bytes instanceof Buffer && this.#free.length < FREE_MAX)
        this.#free.push(bytes)
  }

  /** The root as it is now, and all pieces that nobody took yet. */
  async flush(): Promise<{ readonly root: Uint8Array; readonly pieces: Piece[] }> {
    const { root, pages } = await this.#merkle.flush()
    return { root, pieces: [...this.take(), ...pages] }
  }

  async #sectors(first: number, count: number): Promise<(Uint8Array | undefined)[]> {
    const found: (Uint8Array | undefined)[] = []
    const wanted: { readonly at: number; readonly leaf: Uint8Array }[] = []
    for (let at = 0; at < count; at++) {
      const fresh = this.#fresh.get(first + at)?.bytes
      found.push(fresh)
      const leaf = fresh ? HOLE : await this.#merkle.get(first + at)
      if (!isHole(leaf)) wanted.push({ at, leaf })
    }
    if (wanted.length === 0) return found
    const loaded = await this.#of.load(wanted.map(({ leaf }) => leaf))
    for (const [i, { at, leaf }] of wanted.entries()) {
      const sector = loaded[i]!
      if (!equal(leafHash(first + at, sector), leaf))
        throw new BlockError(
          'BLOCK_MERKLE',
          `sector ${first + at} is not the one that the signed root names: ` +
            'it is damaged, fetch it from elsewhere',
        )
      found[at] = sector
    }
    return found
  }

  #open(index: number, sector: Uint8Array): Uint8Array {
    const { place, keyOf, sectorSize } = this.#of
    const plain = openSector(keyOf(sectorEpoch(sector)), place, index, sector)
    if (plain.length > sectorSize)
      throw new TreeError(
        'TREE_DAMAGED',
        `sector ${index} holds ${plain.length} bytes, at most ${sectorSize} belong into one`,
      )
    return plain
  }
}

/** The plain text of a sector with the zeros that hide its length. */
export function padded(plain: Uint8Array, sectorSize: number): Uint8Array {
  const length = Math.min(Math.ceil(plain.length / PADDING) * PADDING, sectorSize)
  if (length === plain.length) return plain
  const all = new Uint8Array(length)
  all.set(plain)
  return all
}
