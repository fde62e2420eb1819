/**
 * The names of a directory: a table of buckets by linear hashing, of which only those are read that
 * are asked for, and only those written that changed. Buckets hold 2 KiB on the average.
 */
import { BUCKET_BYTES_MAX, compareNames, weightOf, type Entry } from './bucket.ts'
import { TreeError } from './error.ts'
import { bucketOf, hashOf, splitOf } from './linear-hash.ts'

/** Most bytes (by {@link weightOf}) that a bucket holds on the average; above it one is added. */
export const BUCKET_BYTES = 2048
/** Below this a bucket is taken away; far from the other, so that they do not alternate. */
const BUCKET_BYTES_LEAST = 768

export type Names = ReadonlyMap<string, Entry>

export type TableState = {
  /** How many buckets there are; 0 for an empty directory. */
  readonly buckets: number
  readonly entries: number
  /** Sum of {@link weightOf} of all names. */
  readonly weight: number
}

export class NameTable {
  #buckets: number
  #entries: number
  #weight: number
  readonly #load: (index: number) => Promise<Names>
  readonly #changed = new Map<number, Map<string, Entry>>()
  /** Whether it differs from what is kept. */
  isChanged = false

  /** @param load  what is kept of a bucket; maps that are never changed. */
  constructor(state: TableState, load: (index: number) => Promise<Names>) {
    this.#buckets = state.buckets
    this.#entries = state.entries
    this.#weight = state.weight
    this.#load = load
  }

  get state(): TableState {
    return { buckets: this.#buckets, entries: this.#entries, weight: this.#weight }
  }

  /** The buckets that differ from what is kept, by index; those beyond `state.buckets` are gone. */
  get changed(): ReadonlyMap<number, Names> {
    return this.#changed
  }

  async get(name: string): Promise<Entry | undefined> {
    if (this.#buckets === 0) return undefined
    return (await this.#names(bucketOf(hashOf(name), this.#buckets))).get(name)
  }

  /**
   * Adds an entry, or puts it in the place of that of the same name.
   *
   * @throws {TreeError} `TREE_FULL` when the bucket it belongs to holds no more: nobody has so many
   *   names with such hashes but on purpose.
   */
  async set(entry: Entry): Promise<void> {
    this.isChanged = true
    if (this.#buckets === 0) {
      this.#buckets = 1
      this.#changed.set(0, new Map())
    }
    const bucket = await this.#changing(bucketOf(hashOf(entry.name), this.#buckets))
    if (!bucket.has(entry.name)) {
      expectRoom(bucket, entry.name)
      this.#entries++
      this.#weight += weightOf(entry.name)
    }
    bucket.set(entry.name, entry)
    while (this.#weight > this.#buckets * BUCKET_BYTES) await this.#split()
  }

  /** @returns false when there was none of that name. */
  async delete(name: string): Promise<boolean> {
    if ((await this.get(name)) === undefined) return false
    this.isChanged = true
    const bucket = await this.#changing(bucketOf(hashOf(name), this.#buckets))
    bucket.delete(name)
    this.#entries--
    this.#weight -= weightOf(name)
    while (this.#buckets > 1 && this.#weight < (this.#buckets - 1) * BUCKET_BYTES_LEAST)
      await this.#join()
    if (this.#entries === 0) {
      this.#buckets = 0
      this.#changed.clear()
    }
    return true
  }

  /** All entries, sorted by the bytes of their names. */
  async list(): Promise<Entry[]> {
    const all: Entry[] = []
    for (let i = 0; i < this.#buckets; i++) all.push(...(await this.#names(i)).values())
    return all.sort((a, b) => compareNames(a.name, b.name))
  }

  /** The entries of one bucket, unsorted. */
  bucket(index: number): Promise<Names> {
    return this.#names(index)
  }

  async #names(index: number): Promise<Names> {
    return this.#changed.get(index) ?? (await this.#load(index))
  }

  async #changing(index: number): Promise<Map<string, Entry>> {
    const known = this.#changed.get(index)
    if (known) return known
    const copy = new Map(await this.#load(index))
    this.#changed.set(index, copy)
    return copy
  }

  async #split(): Promise<void> {
    const from = await this.#changing(splitOf(this.#buckets))
    const to = new Map<string, Entry>()
    this.#changed.set(this.#buckets, to)
    this.#buckets++
    for (const [name, entry] of from)
      if (bucketOf(hashOf(name), this.#buckets) === this.#buckets - 1) {
        from.delete(name)
        to.set(name, entry)
      }
  }

  async #join(): Promise<void> {
    const last = this.#buckets - 1
    const from = await this.#names(last)
    const to = await this.#changing(splitOf(last))
    for (const [name, entry] of from) to.set(name, entry)
    this.#changed.delete(last)
    this.#buckets = last
  }
}

/** Entries that fit into a bucket however long their names are. */
const ALWAYS = 200

function expectRoom(bucket: Names, name: string): void {
  if (bucket.size < ALWAYS) return
  let weight = weightOf(name)
  for (const other of bucket.keys()) weight += weightOf(other)
  if (weight > BUCKET_BYTES_MAX - 4096)
    throw new TreeError('TREE_FULL', `${JSON.stringify(name)} is one of too many such names`)
}
