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

export class Room {
  readonly #folder: string
  readonly #limits: Limits
  readonly #state: State
  readonly #size: Statement[]

  constructor(folder: string, db: Database, state: State, limits: Limits) {
    this.#folder = folder
    this.#limits = limits
    this.#state = state
    this.#size = ['page_count', 'freelist_count', 'page_size'].map(name =>
      db.prepare(`PRAGMA ${name}`),
    )
  }

  /** Bytes that are taken: of the database, and of the data file by pieces. */
  get used(): number {
    const [pages, free, size] = this.#size.map(statement => Number(statement.get()![0]))
    return (pages! - free!) * size! + this.#state.totals.extents
  }

  /**
   * What `change` takes, about.
   *
   * @param asked  bytes that others were promised.
   * @throws {StoreError} `STORE_FULL`.
   */
  expect(change: Change, placed: readonly Placed[], asked: number): number {
    const headers = [...(change.blocks ?? []), ...(change.siblings ?? [])]
    let need = headers.reduce((sum, { header }) => sum + header.length + ROWS, 0)
    let large = 0
    for (const { at, length } of placed)
      if (at === undefined) need += length + ROWS
      else large += length
    const removes = (change.removals?.length ?? 0) + (change.siblingRemovals?.length ?? 0) > 0
    const { quota, reserve } = this.#limits
    if (quota !== undefined && !removes && this.used + asked + need + large > quota)
      throw new StoreError(
        'STORE_FULL',
        `the quota of ${quota} bytes is used up: remove something, or raise it`,
      )
    const { bavail, bsize } = statfsSync(this.#folder)
    if (bavail * bsize < (removes ? 0 : reserve) + need)
      throw new StoreError(
        'STORE_FULL',
        `${this.#folder}: ${bavail * bsize} bytes of the disk are free, too few: make room and retry`,
      )
    return need + large
  }
}
