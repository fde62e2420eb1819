/**
 * The content of a file while it is read and written: a version that becomes the file's when it is
 * committed. Sectors that are written in part wait in memory; whole ones are sealed at once and staged,
 * so that a file of any size takes a bounded amount of memory.
 */
import type { Place } from '../block/context.ts'
import { EMPTY_ROOT } from '../block/merkle-hash.ts'
import { discard } from '../crypto/bytes.ts'
import type { Random } from '../crypto/random.ts'
import type { SymmetricKey } from '../crypto/symmetric-key.ts'
import type { Piece } from '../store/change.ts'
import { INLINE_MAX } from '../store/pieces.ts'
import type { Store } from '../store/store.ts'
import type { Stage } from '../store/stage.ts'
import { Content } from './content.ts'
import { TreeError } from './error.ts'

/** Bytes of sectors that wait in memory before they are sealed. */
const WAITING = 1 << 20
/** Sealed bytes that are staged together. */
const TOGETHER = 1 << 20
/** As large as a file may be, bytes. */
export const SIZE_MAX = 2 ** 50

export type VersionOptions = {
  readonly store: Store
  readonly random: Random
  readonly place: Place
  readonly sectorSize: number
  readonly root: Uint8Array
  readonly count: number
  /** Bytes. */
  readonly size: number
  /** Whose key seals what is written. */
  readonly epoch: number
  readonly keyOf: (epoch: number) => SymmetricKey
}

/** What a header says of content, and the pieces that go into its change. */
export type Made = {
  readonly root: Uint8Array
  readonly count: number
  readonly size: number
  readonly pieces: readonly Piece[]
}

export class FileVersion {
  readonly #of: VersionOptions
  readonly #content: Content
  readonly #waiting = new Map<number, Uint8Array>()
  #fresh = 0
  #size: number
  #stage: Stage | undefined
  #before: Promise<unknown> = Promise.resolve()

  constructor(of: VersionOptions) {
    this.#of = of
    this.#size = of.size
    const { place, sectorSize, root, count, keyOf, random, store } = of
    const load = (hashes: readonly Uint8Array[]) => store.pieces(hashes)
    const unload = (loaded: readonly Uint8Array[]) => store.recycle(loaded)
    this.#content = new Content({ place, sectorSize, root, count, keyOf, random, load, unload })
  }

  /** Bytes, with what was written and is not committed. */
  get size(): number {
    return this.#size
  }

  get sectorSize(): number {
    return this.#of.sectorSize
  }

  /** Up to `length` bytes from `offset` on; fewer at the end. Throws as {@link Content.read}. */
  read(offset: number, length: number): Promise<Uint8Array> {
    expectWithin(offset, length)
    return this.#inTurn(() => this.#read(offset, length))
  }

  /** As `read`, but sector by sector, which saves a copy. */
  readParts(offset: number, length: number): Promise<Uint8Array[]> {
    expectWithin(offset, length)
    return this.#inTurn(() => this.#parts(offset, length))
  }

  /**
   * Fills `into` from `offset` on; the fastest way to read much.
   *
   * @returns bytes that were read: fewer at the end. Throws as `read`.
   */
  readInto(offset: number, into: Uint8Array): Promise<number> {
    expectWithin(offset, into.length)
    return this.#inTurn(() => this.#readInto(offset, into))
  }

  /** Writes all of `bytes`; what lies between the end and `offset` reads as zeros. */
  write(offset: number, bytes: Uint8Array): Promise<void> {
    expectWithin(offset, bytes.length)
    return this.#inTurn(() => this.#write(offset, bytes))
  }

  /** Cuts off, or adds zeros that take no room. */
  truncate(size: number): Promise<void> {
    expectWithin(size, 0)
    return this.#inTurn(() => this.#truncate(size))
  }

  /** Seals all that was written. What was staged is where a header can name it. */
  settle(): Promise<Made> {
    return this.#inTurn(async () => {
      await this.#seal()
      const { root, pieces } = await this.#content.flush()
      const { count } = this.#content
      this.#fresh = 0
      const made = { root: count === 0 ? EMPTY_ROOT : root, count, size: this.#size }
      if (!this.#stage) return { ...made, pieces }
      await this.#stage.add(pieces)
      await this.#stage.flush()
      return { ...made, pieces: [] }
    })
  }

  /** Stages what `settle` gave and nobody committed, so that it can be read. */
  async stageSettled({ pieces }: Made): Promise<void> {
    if (pieces.length === 0) return
    await this.#staged.add(pieces)
    await this.#staged.flush()
  }

  /** Lets go of what was staged; after a commit, or instead of one. */
  release(): void {
    this.#stage?.close()
    this.#stage = undefined
  }

  get #staged(): Stage {
    return (this.#stage ??= this.#of.store.stage())
  }

  async #read(offset: number, length: number): Promise<Uint8Array> {
    const { sectorSize } = this.#of
    const end = Math.min(offset + length, this.#size)
    if (offset >= end) return NOTHING
    // Often a caller reads just a sector: it needs not be copied.
    if (Math.floor(offset / sectorSize) === Math.floor((end - 1) / sectorSize))
      return (await this.#parts(offset, length))[0]!
    const result = Buffer.allocUnsafeSlow(end - offset)
    await this.#readInto(offset, result)
    return result
  }

  async #readInto(offset: number, into: Uint8Array): Promise<number> {
    let at = 0
    for (const part of await this.#parts(offset, into.length)) {
      into.set(part, at)
      at += part.length
      discard(part)
    }
    return at
  }

  async #parts(offset: number, length: number): Promise<Uint8Array[]> {
    const { sectorSize } = this.#of
    const end = Math.min(offset + length, this.#size)
    if (offset >= end) return []
    const first = Math.floor(offset / sectorSize)
    const last = Math.floor((end - 1) / sectorSize)
    const run = await this.#content.readRun(first, last - first + 1)
    return run.map((stored, i) => {
      const at = (first + i) * sectorSize
      const [from, to] = [Math.max(offset, at) - at, Math.min(end, at + sectorSize) - at]
      const waiting = this.#waiting.get(first + i)
      // What waits may be changed while the caller still holds this.
      if (waiting) return waiting.slice(from, to)
      if (stored && stored.length >= to) return stored.subarray(from, to)
      const part = new Uint8Array(to - from)
      if (stored && stored.length > from) part.set(stored.subarray(from))
      return part
    })
  }

  async #write(offset: number, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return
    const { sectorSize, epoch } = this.#of
    const end = offset + bytes.length
    if (end > this.#size) {
      const count = Math.ceil(end / sectorSize)
      if (count > this.#content.count) await this.#content.resize(count)
      this.#size = end
    }
    for (let at = offset; at < end;) {
      const index = Math.floor(at / sectorSize)
      const from = at - index * sectorSize
      const part = bytes.subarray(
        at - offset,
        Math.min(at - offset + sectorSize - from, bytes.length),
      )
      if (part.length === sectorSize) {
        this.#waiting.delete(index)
        await this.#content.write(index, epoch, part)
        await this.#spill(sectorSize)
      } else {
        const plain = await this.#open(index)
        plain.set(part, from)
      }
      at += part.length
    }
    if (this.#waiting.size * sectorSize > WAITING) await this.#seal()
  }

  async #truncate(size: number): Promise<void> {
    const { sectorSize } = this.#of
    const count = Math.ceil(size / sectorSize)
    const rest = size % sectorSize
    if (size < this.#size) {
      for (const index of this.#waiting.keys()) if (index >= count) this.#waiting.delete(index)
      // What is cut off must not come back when the file grows again.
      if (rest > 0) (await this.#open(count - 1)).fill(0, rest)
    }
    if (count !== this.#content.count) await this.#content.resize(count)
    this.#size = size
  }

  /** The plain text of a sector, to be changed: as long as a sector can be. */
  async #open(index: number): Promise<Uint8Array> {
    const known = this.#waiting.get(index)
    if (known) return known
    const plain = new Uint8Array(this.#of.sectorSize)
    const stored = await this.#content.read(index)
    if (stored) plain.set(stored)
    this.#waiting.set(index, plain)
    return plain
  }

  async #seal(): Promise<void> {
    const { sectorSize, epoch } = this.#of
    for (const [index, plain] of this.#waiting) {
      const length = Math.min(sectorSize, this.#size - index * sectorSize)
      this.#waiting.delete(index)
      await this.#content.write(index, epoch, plain.subarray(0, length))
      await this.#spill(length)
    }
  }

  async #spill(bytes: number): Promise<void> {
    this.#fresh += bytes
    if (this.#fresh < TOGETHER) return
    this.#fresh = 0
    const pieces = this.#content.take()
    await this.#staged.add(pieces)
    // Short ones wait in memory, see `Stage`.
    if (this.#of.sectorSize > INLINE_MAX) this.#content.recycle(pieces)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#before.then(work)
    this.#before = turn.catch(() => {})
    return turn
  }
}

function expectWithin(offset: number, length: number): void {
  if (Number.isInteger(offset) && offset >= 0 && offset + length <= SIZE_MAX) return
  throw new TreeError(
    'TREE_RANGE',
    `found an offset or size of ${offset + length} bytes, expected 0 to 2^50`,
  )
}

const NOTHING = new Uint8Array()
