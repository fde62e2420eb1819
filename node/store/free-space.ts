/**
 * Where the data file has room. Nothing of this is kept on the disk: it follows from the table of
 * pieces, which is read in the order of their places, a part at a time, so that opening a large store
 * costs nothing. What is not known to be free yet is not used; the file is made longer instead.
 *
 * Known holes lie in classes by length, powers of two, so finding one costs the same however many
 * there are.
 */
import { rounded, UNIT } from './data-file.ts'

export type Extent = { readonly at: number; readonly length: number }

/** At most `limit` extents from `at` on, in their order. */
export type Extents = (at: number, limit: number) => readonly Extent[]

/** Extents that are looked at for one that is needed. */
const STEP = 2048
/** Holes of the same class that are tried. */
const TRIES = 8

export class FreeSpace {
  readonly #extents: Extents
  readonly #lengths = new Map<number, number>()
  readonly #starts = new Map<number, number>()
  readonly #classes: Set<number>[] = Array.from({ length: 48 }, () => new Set())
  #end: number
  #seen = 0
  readonly #until: number

  /** @param end  where the last extent ends. */
  constructor(end: number, extents: Extents) {
    this.#extents = extents
    this.#end = this.#until = rounded(end)
  }

  /** Where the last extent ends, bytes. */
  get end(): number {
    return this.#end
  }

  /** Bytes in holes that are known. */
  get free(): number {
    let sum = 0
    for (const length of this.#lengths.values()) sum += length
    return sum
  }

  /** Whether the whole table was looked at. */
  get complete(): boolean {
    return this.#seen >= this.#until
  }

  /**
   * A place for `length` bytes, rounded up.
   *
   * @param append  makes the file longer when no hole is known; otherwise undefined is given.
   */
  allocate(length: number, append: true): number
  allocate(length: number, append: boolean): number | undefined
  allocate(length: number, append: boolean): number | undefined {
    const need = rounded(length)
    let at = this.#find(need)
    if (at === undefined && !this.complete) {
      this.look()
      at = this.#find(need)
    }
    if (at === undefined) {
      if (!append) return undefined
      at = this.#end
      this.#end += need
      return at
    }
    const has = this.#lengths.get(at)!
    this.#remove(at, has)
    if (has > need) this.#add(at + need, has - need)
    return at
  }

  /**
   * Gives back an extent that {@link allocate} gave, or, when the table is looked through
   * ({@link complete}), one that is not in it any more.
   */
  release({ at, length }: Extent): void {
    let [start, end] = [at, at + rounded(length)]
    const before = this.#starts.get(start)
    if (before !== undefined) {
      this.#remove(before, start - before)
      start = before
    }
    const after = this.#lengths.get(end)
    if (after !== undefined) {
      this.#remove(end, after)
      end += after
    }
    if (end === this.#end && start >= this.#until) this.#end = start
    else if (end === this.#end && this.complete) this.#end = start
    else this.#add(start, end - start)
  }

  /** Looks at some more of the table. */
  look(): void {
    const extents = this.#extents(this.#seen, STEP)
    for (const { at, length } of extents) {
      if (at >= this.#until) break
      if (at > this.#seen) this.release({ at: this.#seen, length: at - this.#seen })
      this.#seen = Math.max(this.#seen, at + rounded(length))
    }
    const last = extents.at(-1)
    if (extents.length < STEP || last === undefined || last.at >= this.#until) {
      if (this.#seen < this.#until)
        this.release({ at: this.#seen, length: this.#until - this.#seen })
      this.#seen = this.#until
    }
  }

  #find(need: number): number | undefined {
    const least = classOf(need)
    let tries = 0
    for (const at of this.#classes[least]!) {
      if (this.#lengths.get(at)! >= need) return at
      if (++tries === TRIES) break
    }
    for (let i = least + 1; i < this.#classes.length; i++)
      for (const at of this.#classes[i]!) return at
    return undefined
  }

  #add(at: number, length: number): void {
    this.#lengths.set(at, length)
    this.#starts.set(at + length, at)
    this.#classes[classOf(length)]!.add(at)
  }

  #remove(at: number, length: number): void {
    this.#lengths.delete(at)
    this.#starts.delete(at + length)
    this.#classes[classOf(length)]!.delete(at)
  }
}

function classOf(length: number): number {
  return Math.floor(Math.log2(length / UNIT))
}
