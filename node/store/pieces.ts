/**
 * Pieces: content under its hash. Up to {@link INLINE_MAX} bytes they lie in SQLite, larger ones in the
 * data file. A piece can be read as soon as it was placed; it is kept when its row is.
 */
import { mapKey } from '../block/recent.ts'
import type { Piece } from './change.ts'
import { DataFile, rounded } from './data-file.ts'
import { StoreError } from './error.ts'
import { type Extent, FreeSpace } from './free-space.ts'
import type { Room } from './room.ts'
import type { Database, Statement } from './sqlite.ts'
import type { Writer } from './writer.ts'

export const INLINE_MAX = 16384
/**
 * Of changes with many pieces, and of stages: one flush of the data file is then less than writing them
 * to the WAL and from there to the database.
 */
const MANY = 64
const INLINE_MAX_OF_MANY = 1024

/** Bytes of one write to the data file, about. */
const RUN = 1 << 20

/** A piece whose bytes are where they belong, or in memory when they are small, but not its row. */
export type Placed = {
  readonly key: string
  readonly hash: Uint8Array
  readonly length: number
  /** In the data file; undefined for small ones. */
  readonly at: number | undefined
  /** Of small ones; of large ones undefined: they need no memory. */
  readonly bytes: Uint8Array | undefined
}

/** What rows that were added take. */
export type Taken = { pieces: number; extents: number }

export class Pieces {
  readonly file: DataFile
  readonly space: FreeSpace
  readonly #writer: Writer
  readonly #room: Room
  readonly #pending = new Map<string, Placed>()
  readonly #find: Statement
  readonly #insert: Statement
  readonly #insertSmall: Statement
  readonly #rebirth: Statement
  readonly #delete: Statement
  readonly #deleteSmall: Statement
  #smallNo: number

  constructor(db: Database, file: DataFile, writer: Writer, room: Room) {
    this.file = file
    this.#room = room
    this.#writer = writer
    const last = db.prepare(
      'SELECT place, length FROM piece WHERE place >= 0 ORDER BY place DESC LIMIT 1',
    )
    const [place = 0, length = 0] = (last.get() ?? []) as number[]
    const extents = db.prepare(
      'SELECT place, length FROM piece WHERE place >= ? ORDER BY place LIMIT ?',
    )
    this.space = new FreeSpace(place + length, (at, limit) =>
      extents
        .all(at, limit)
        .map(([at, length]) => ({ at: at as number, length: length as number })),
    )
    this.#find = db.prepare(
      `SELECT p.place, p.length, s.bytes FROM piece p LEFT JOIN small s ON s.no = -p.place
        WHERE p.hash = ?`,
    )
    this.#insert = db.prepare('INSERT OR IGNORE INTO piece VALUES (?, ?, ?, ?)')
    this.#insertSmall = db.prepare('INSERT INTO small VALUES (?, ?)')
    this.#rebirth = db.prepare('UPDATE piece SET born = ? WHERE hash = ? AND born < ?')
    this.#delete = db.prepare('DELETE FROM piece WHERE hash = ?')
    this.#deleteSmall = db.prepare('DELETE FROM small WHERE no = ?')
    const highest = db.prepare('SELECT max(no) FROM small').get()![0] as number | null
    this.#smallNo = (highest ?? 0) + 1
  }

  /**
   * The bytes under each hash, in memory of their own or in one that neighbours share. Large pieces
   * that lie one behind the other are read at once.
   *
   * @throws {StoreError} `STORE_PIECE_MISSING`, `STORE_DAMAGED`, `STORE_IO`.
   */
  read(hashes: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const found = hashes.map(hash => this.#locate(hash))
    const reads: Promise<Uint8Array>[] = []
    for (let i = 0; i < found.length;) {
      const first = found[i]!
      if (first instanceof Uint8Array) {
        reads.push(Promise.resolve(first))
        i++
        continue
      }
      let [end, length] = [i + 1, first.length]
      for (; end < found.length; end++) {
        const next = found[end]!
        if (next instanceof Uint8Array || next.at !== first.at + rounded(length)) break
        if (next.at + next.length - first.at > RUN) break
        length = next.at + next.length - first.at
      }
      const run =
        length <= INLINE_MAX
          ? attempt(() => this.file.readNow(first.at, length))
          : this.file.read(first.at, length)
      for (; i < end; i++) {
        const { at, length } = found[i] as Extent
        const from = at - first.at
        reads.push(
          end === i + 1 && from === 0 ? run : run.then(b => b.subarray(from, from + length)),
        )
      }
    }
    return Promise.all(reads)
  }

  /** Bytes of `read` are not needed any more, by anybody. */
  recycle(bytes: readonly Uint8Array[]): void {
    for (const one of bytes) this.file.recycle(one)
  }

  /** Whether the piece is here, in a row or about to be. */
  has(hash: Uint8Array): boolean {
    return this.#pending.has(mapKey(hash)) || this.#find.get(hash) !== undefined
  }

  /**
   * Writes large pieces to free places and remembers small ones.
   *
   * @param many  whether more are coming.
   * @throws {StoreError} `STORE_FULL`, `STORE_IO`; nothing is left placed then.
   */
  async place(pieces: readonly Piece[], many = pieces.length > MANY): Promise<Placed[]> {
    const placed: Placed[] = []
    const large: Piece[] = []
    const inline = many ? INLINE_MAX_OF_MANY : INLINE_MAX
    for (const piece of pieces) {
      const { hash, bytes } = piece
      if (bytes.length > inline) large.push(piece)
      else {
        // A stage's caller uses its memory again before the row is written.
        const kept = many ? Uint8Array.from(bytes) : bytes
        placed.push({ key: mapKey(hash), hash, length: bytes.length, at: undefined, bytes: kept })
      }
    }
    for (const one of placed) this.#pending.set(one.key, one)
    try {
      for (let i = 0; i < large.length;) {
        let [end, length] = [i, 0]
        while (end < large.length && length < RUN) length += rounded(large[end++]!.bytes.length)
        placed.push(...(await this.#write(large.slice(i, end), length)))
        i = end
      }
      return placed
    } catch (error) {
      this.drop(placed)
      throw error
    }
  }

  /** Adds the rows, inside a transaction. Gives those that are there already, whose place is free. */
  insert(placed: readonly Placed[], born: number, taken: Taken): Placed[] {
    const twice: Placed[] = []
    for (const one of placed) {
      const { hash, at, length, bytes } = one
      if (this.#insert.run(hash, born, at ?? -this.#smallNo, length) === 0) {
        this.#rebirth.run(born, hash, born)
        twice.push(one)
        continue
      }
      taken.pieces++
      if (at === undefined) this.#insertSmall.run(this.#smallNo++, bytes!)
      else taken.extents += rounded(length)
    }
    return twice
  }

  /** Forgets pieces that have their rows now. */
  settle(placed: readonly Placed[]): void {
    for (const one of placed) this.#forget(one)
  }

  /** Forgets pieces that get no row: their places are free again. */
  drop(placed: readonly Placed[]): void {
    const extents: Extent[] = []
    for (const one of placed) {
      this.#forget(one)
      if (one.at !== undefined) extents.push({ at: one.at, length: one.length })
    }
    void this.free(extents)
  }

  /** Removes pieces that are damaged, so that they are missing and can be put anew. */
  discard(hashes: readonly Uint8Array[]): void {
    this.#writer.write(({ pieces, extents }) => {
      for (const hash of hashes) {
        const [at, length] = (this.#find.get(hash) ?? []) as [number?, number?]
        if (at === undefined || length === undefined) continue
        pieces -= this.#delete.run(hash)
        if (at < 0) this.#deleteSmall.run(-at)
        else extents -= rounded(length)
        // Its place is found free when the store is opened again.
      }
      return [undefined, { pieces, extents }]
    })
  }

  /** Gives back places whose rows are deleted, when nobody reads there any more. */
  async free(extents: readonly Extent[]): Promise<void> {
    const large = extents.filter(({ at }) => at >= 0)
    if (large.length === 0) return
    await this.file.readsOver()
    for (const extent of large) this.space.release(extent)
    this.file.truncate(this.space.end)
  }

  #locate(hash: Uint8Array): Uint8Array | Extent {
    const waiting = this.#pending.get(mapKey(hash))
    if (waiting) return waiting.bytes ?? { at: waiting.at!, length: waiting.length }
    const row = this.#find.get(hash)
    if (row === undefined)
      throw new StoreError(
        'STORE_PIECE_MISSING',
        `the piece ${Buffer.from(hash).toString('hex')} is not kept here: fetch it from another node`,
      )
    const [at, length, bytes] = row as [number, number, Uint8Array | null]
    if (at >= 0) return { at, length }
    if (bytes?.length === length) return bytes
    throw new StoreError(
      'STORE_DAMAGED',
      `the piece ${Buffer.from(hash).toString('hex')} has ${bytes?.length ?? 'no'} bytes, ` +
        `expected ${length}: fetch it from another node`,
    )
  }

  /** Writes some large pieces; in one run, when there is room for that. */
  async #write(large: readonly Piece[], length: number): Promise<Placed[]> {
    let next = large.length > 1 ? this.space.allocate(length, false) : undefined
    const here = large.map(({ hash, bytes }) => {
      const at = next ?? this.space.allocate(bytes.length, true)
      if (next !== undefined) next += rounded(bytes.length)
      return { key: mapKey(hash), hash, length: bytes.length, at, bytes: undefined }
    })
    try {
      if (this.space.end > this.file.length)
        this.#room.expectDisk(this.space.end - this.file.length)
      for (let i = 0; i < here.length;) {
        let end = i + 1
        while (end < here.length && here[end]!.at === behind(here[end - 1]!)) end++
        const run = large.slice(i, end).map(({ bytes }) => bytes)
        await this.file.write(here[i]!.at, run)
        i = end
      }
    } catch (error) {
      this.drop(here)
      throw error
    }
    for (const one of here) this.#pending.set(one.key, one)
    return here
  }

  #forget(one: Placed): void {
    if (this.#pending.get(one.key) === one) this.#pending.delete(one.key)
  }
}

function behind({ at, length }: { readonly at: number; readonly length: number }): number {
  return at + rounded(length)
}

/** As `Promise.try`: what is thrown is a rejection, so that reads that began before are still awaited. */
function attempt<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work())
  } catch (error) {
    return Promise.reject(error)
  }
}
