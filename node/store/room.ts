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

/** Bytes that a header takes with all its rows, beside its own. */
const ROWS = 512
/** Bytes that the WAL may have grown to. */
const WAL = 10 << 20

export class Room {
  readonly #folder: string
  readonly #limits: Limits
  readonly #state: State
  readonly #size: Statement[]
  readonly #checkpoint: Statement

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
    const [pages, free, size] = this.#size.map(statement => Number(statement.get()![0]))
    return (pages! - free!) * size! + this.#state.totals.extents
  }

  /** @throws {StoreError} `STORE_FULL` when the disk has no room for `bytes` more of large pieces. */
  expectDisk(bytes: number): void {
    const free = this.#free()
    if (free < this.#limits.reserve + bytes) throw full(this.#folder, free)
  }

  /** For the changes of one group: asks the system once. */
  budget(): Budget {
    const { quota = Infinity, reserve } = this.#limits
    const [, free, size] = this.#size.map(statement => Number(statement.get()![0]))
    // Pages of the database that are free take no more of the disk.
    const budget = { quota, reserve, folder: this.#folder, free: this.#free() + free! * size! }
    return new Budget({ ...budget, used: quota === Infinity ? 0 : this.used })
  }

  /** Of the disk. When it is nearly full, what is in the WAL is moved on and the WAL emptied first. */
  #free(): number {
    const bytes = () => {
      const { bavail, bsize } = statfsSync(this.#folder)
      return bavail * bsize
    }
    const free = bytes()
    if (free >= this.#limits.reserve + WAL) return free
    this.#checkpoint.get()
    return bytes()
  }
}

function full(folder: string, free: number): StoreError {
  return new StoreError(
    'STORE_FULL',
    `${folder}: ${free} bytes of the disk are free, too few: make room and retry`,
  )
}

type Means = {
  readonly folder: string
  readonly quota: number
  readonly reserve: number
  readonly free: number
  readonly used: number
}

export class Budget {
  readonly #means: Means
  #promised = 0
  #written = 0

  constructor(means: Means) {
    this.#means = means
  }

  /**
   * Takes account of a change.
   *
   * @throws {StoreError} `STORE_FULL`.
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
    const { folder, quota, reserve, free, used } = this.#means
    if (!removes && used + this.#promised + written + large > quota)
      throw new StoreError(
        'STORE_FULL',
        `the quota of ${quota} bytes is used up: remove something, or raise it`,
      )
    if (free < (removes ? 0 : reserve) + this.#written + written) throw full(folder, free)
    this.#promised += written + large
    this.#written += written
  }
}
