/** Whether there is room for a change: the quota, and what is left of the disk. */
import { statfsSync } from 'node:fs'
import type { Change } from './change.ts'
import { StoreError } from './error.ts'
import type { Placed } from './pieces.ts'
import type { Database, Statement } from './sqlite.ts'
import type { State } from './state.ts'

export type Limits = {
  /** Bytes that the store may take; no limit when missing. */
  readonly quota?: number
  /** Bytes of the disk that only changes that remove something may take. */
  readonly reserve: number
}

/** Bytes that a header or small piece takes beside its own. */
const ROWS = 512
/** Bytes that the WAL may have grown to. */
const WAL = 10 << 20
/** Bytes that are written at most before the disk is looked at again: others write there, too. */
const LOOK = 16 << 20

export class Room {
  readonly #folder: string
  readonly #limits: Limits
  readonly #state: State
  readonly #size: Statement[]
  readonly #checkpoint: Statement
  /** Bytes that were free above the reserve when the disk was looked at, less what was written. */
  #sure = 0
  #used = 0

  constructor(folder: string, db: Database, state: State, limits: Limits) {
    this.#folder = folder
    this.#limits = limits
    this.#state = state
    this.#checkpoint = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)')
    this.#size = ['page_count', 'freelist_count', 'page_size'].map(name =>
      db.prepare(`PRAGMA ${name}`),
    )
  }

  /** Bytes that are taken: of the database, and of the data file by pieces. */
  get used(): number {
    const { total, free } = this.#database()
    return total - free + this.#state.totals.extents
  }

  /** To be called before the changes of a group are looked at. */
  begin(): void {
    if (this.#limits.quota !== undefined) this.#used = this.used
  }

  /**
   * Takes account of a change of the group.
   *
   * @throws {StoreError} `STORE_FULL`, `STORE_IO`.
   */
  spend(change: Change, placed: readonly Placed[]): void {
    let written = 0
    for (const { header } of change.blocks ?? []) written += header.length + ROWS
    for (const { header } of change.siblings ?? []) written += header.length + ROWS
    let large = 0
    for (const { at, length } of placed)
      if (at === undefined) written += length + ROWS
      else large += length
    const removes = (change.removals?.length ?? 0) + (change.siblingRemovals?.length ?? 0) > 0
    const { quota = Infinity } = this.#limits
    if (!removes && this.#used + written + large > quota)
      throw new StoreError(
        'STORE_FULL',
        `the quota of ${quota} bytes is used up: remove something, or raise it`,
      )
    this.expectDisk(written, removes)
    this.#used += written + large
  }

  /**
   * @param removes  whether the reserve may be used.
   * @throws {StoreError} `STORE_FULL` when the disk has no room for so many bytes; `STORE_IO`.
   */
  expectDisk(bytes: number, removes = false): void {
    if (this.#sure < bytes) {
      const free = this.#free()
      const { reserve } = this.#limits
      if (free < bytes + (removes ? 0 : reserve))
        throw new StoreError(
          'STORE_FULL',
          `${this.#folder}: ${free} bytes of the disk are free, too few: make room and retry`,
        )
      this.#sure = Math.min(free - reserve, LOOK)
    }
    this.#sure -= bytes
  }

  /** When the disk is nearly full, what is in the WAL is moved to the database and the WAL emptied. */
  #free(): number {
    let free = this.#disk()
    if (free >= this.#limits.reserve + WAL) return free
    this.#checkpoint.get()
    free = this.#disk()
    // Pages of the database that are free take no more of the disk.
    return free + this.#database().free
  }

  #disk(): number {
    const { bavail, bsize } = statfsSync(this.#folder)
    return bavail * bsize
  }

  #database(): { readonly total: number; readonly free: number } {
    const [pages, free, size] = this.#size.map(statement => Number(statement.get()![0]))
    return { total: pages! * size!, free: free! * size! }
  }
}
