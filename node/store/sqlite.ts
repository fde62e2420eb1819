/**
 * The only place that knows `node:sqlite`: opens a database the way the store needs it, prepares
 * statements and gives SQLite's errors the store's names.
 *
 * WAL with `synchronous=FULL`: a transaction is on the disk when its COMMIT returns. The lock on the
 * file is SQLite's own exclusive one, a lock of the kernel that ends with the process, however it ends;
 * so nobody may open and close the database file by other means while it is held (POSIX locks end
 * with any close).
 */
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { StoreError } from './error.ts'

export type Row = readonly (null | number | bigint | string | Uint8Array)[]
export type Value = null | number | bigint | string | Uint8Array

/** A prepared statement; rows are arrays. */
export type Statement = {
  /** Rows that changed. */
  readonly run: (...values: Value[]) => number
  readonly get: (...values: Value[]) => Row | undefined
  readonly all: (...values: Value[]) => Row[]
}

/** Bytes: small, as a small change writes whole pages; see docs/decisions.md. */
const PAGE = 4096
/** KiB of pages that SQLite keeps in memory; the rest is in the kernel's page cache. */
const CACHE = 8192
/** Pages in the WAL before they are moved to the database. */
const CHECKPOINT = 2000

export class Database {
  readonly #path: string
  readonly #db: DatabaseSync
  readonly #steps: Record<'begin' | 'commit', Statement>
  #broken: unknown

  /** @throws {StoreError} `STORE_HELD`, `STORE_DAMAGED`, `STORE_FULL`, `STORE_IO`. */
  constructor(path: string) {
    this.#path = path
    // SQLite would let the umask say who may read it; the files beside it get the same mode.
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
    this.#db = this.#named(() => new DatabaseSync(path, { timeout: 0, returnArrays: true }))
    try {
      this.exec(`
        PRAGMA page_size = ${PAGE};
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA cache_size = -${CACHE};
        PRAGMA wal_autocheckpoint = ${CHECKPOINT};
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON;
        BEGIN EXCLUSIVE; COMMIT`)
      const [begin, commit] = [this.prepare('BEGIN IMMEDIATE'), this.prepare('COMMIT')]
      this.#steps = { begin, commit }
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  exec(sql: string): void {
    this.#named(() => this.#db.exec(sql))
  }

  /** @param big  gives whole numbers as bigints. */
  prepare(sql: string, { big = false } = {}): Statement {
    const statement: StatementSync = this.#named(() => this.#db.prepare(sql))
    if (big) statement.setReadBigInts(true)
    return {
      run: (...values) => this.#named(() => Number(statement.run(...values).changes)),
      get: (...values) => this.#named(() => statement.get(...values) as unknown as Row | undefined),
      all: (...values) => this.#named(() => statement.all(...values) as unknown as Row[]),
    }
  }

  /**
   * All of `work`, on the disk when this returns, or nothing of it. When a flush fails, nobody knows what
   * is there: everything later is refused until the database is opened again.
   */
  transaction<T>(work: () => T): T {
    if (this.#broken !== undefined) throw this.#broken
    this.#steps.begin.run()
    try {
      const result = work()
      this.#steps.commit.run()
      return result
    } catch (error) {
      const { errcode } = (error as Error & { cause?: { errcode?: number } }).cause ?? {}
      if (errcode === IOERR_FSYNC) this.#broken = error
      // Some errors, as a full disk, have rolled back already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#named(() => this.#db.close())
  }

  #named<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw named(this.#path, error)
    }
  }
}

const BUSY = 5
const LOCKED = 6
const IOERR = 10
const IOERR_FSYNC = 1034
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

function named(path: string, error: unknown): unknown {
  const { code, errcode = 0, message } = error as Error & { code?: string; errcode?: number }
  if (code !== 'ERR_SQLITE_ERROR') return error
  const kind = errcode & 0xff
  const because = { cause: error }
  if (kind === BUSY || kind === LOCKED)
    return new StoreError('STORE_HELD', `${path} is held by another process`, because)
  if (kind === CORRUPT || kind === NOTADB)
    return new StoreError(
      'STORE_DAMAGED',
      `${path}: ${message}; fsck says what can be saved, or restore it from a backup`,
      because,
    )
  if (kind === FULL)
    return new StoreError('STORE_FULL', `${path}: the disk is full; make room and retry`, because)
  if (kind === IOERR || kind === CANTOPEN)
    return new StoreError('STORE_IO', `${path}: ${message} (SQLite ${errcode})`, because)
  return error
}
