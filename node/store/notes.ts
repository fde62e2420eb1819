/** Small values under text keys, for what the rooms above have to remember beside blocks. */
import { equal } from '../crypto/bytes.ts'
import type { NoteKind, NoteWrite } from './change.ts'
import { StoreError } from './error.ts'
import type { Database, Statement } from './sqlite.ts'

export const NOTE_KEY_MAX = 1024
export const NOTE_VALUE_MAX = 65536

export class Notes {
  readonly #get: Statement
  readonly #all: Statement
  readonly #put: Statement
  readonly #remove: Statement

  constructor(db: Database) {
    this.#get = db.prepare('SELECT value FROM note WHERE kind = ? AND key = ?')
    this.#all = db.prepare('SELECT key, value FROM note WHERE kind = ? ORDER BY key')
    this.#put = db.prepare('INSERT OR REPLACE INTO note VALUES (?, ?, ?)')
    this.#remove = db.prepare('DELETE FROM note WHERE kind = ? AND key = ?')
  }

  get(kind: NoteKind, key: string): Uint8Array | undefined {
    return this.#get.get(kind, key)?.[0] as Uint8Array | undefined
  }

  /** All of a kind, by key. */
  all(kind: NoteKind): { key: string; value: Uint8Array }[] {
    return this.#all.all(kind).map(([key, value]) => ({
      key: key as string,
      value: value as Uint8Array,
    }))
  }

  /** Inside a transaction. */
  write({ kind, key, value }: NoteWrite): void {
    if (value === null) this.#remove.run(kind, key)
    else if (value !== undefined) this.#put.run(kind, key, value)
  }
}

/** @throws {RangeError} a mistake of the program: a key or value that is too long. */
export function checkNote({ kind, key, value }: NoteWrite): void {
  if (Buffer.byteLength(key) > NOTE_KEY_MAX || (value?.length ?? 0) > NOTE_VALUE_MAX)
    throw new RangeError(`a note ${kind} has a key or value that is too long`)
}

/** @throws {StoreError} `STORE_CONFLICT`. */
export function expectNote(write: NoteWrite, found: Uint8Array | undefined): void {
  const { kind, key, expected } = write
  if (expected === undefined) return
  if (expected === null ? found === undefined : found !== undefined && equal(expected, found))
    return
  throw new StoreError(
    'STORE_CONFLICT',
    `the ${kind} ${key} is ${found === undefined ? 'not there' : 'another'} than expected: read it again`,
  )
}
