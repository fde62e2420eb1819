/**
 * A witness outside the database of how far it had come, so that a database put back from a backup is
 * told from the newest. A file does for accidents and for whoever changes one file only; a TPM's
 * counter behind the same interface will do for a whole disk put back.
 *
 * The file: two records of 512 bytes, written in turn, so that one is whole at any instant:
 * `blocktree freshness 1` and a line feed (22) | sequence, u64 big-endian | digest (32) | SHA-256 of
 * these 62 (32) | zeros. It is written some time behind each transaction and not flushed, as it may be
 * older than the database but never newer.
 */
import { hash } from 'node:crypto'
import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { equal } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { named, UNIT } from './data-file.ts'
import { StoreError } from './error.ts'

export type Fresh = {
  /** Transactions that were done. */
  readonly sequence: number
  /** 32 bytes; see `state.ts`. */
  readonly digest: Uint8Array
}

export type Freshness = {
  /** The last that was written and is whole. */
  readonly read: () => Fresh | undefined
  readonly write: (fresh: Fresh) => void
  /** What was written stays when the power goes. */
  readonly flush: () => void
  readonly close: () => void
}

const START = new TextEncoder().encode('blocktree freshness 1\n')
const BODY = START.length + 8 + 32

/** @throws {StoreError} `STORE_IO`, `STORE_FULL`, also of the functions. */
export function freshnessFile(path: string): Freshness {
  const attempt = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw named(path, error)
    }
  }
  let fd = attempt(() => openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600))
  return {
    read: () =>
      attempt(() => {
        const bytes = new Uint8Array(2 * UNIT)
        readSync(fd, bytes, 0, bytes.length, 0)
        const records = [0, UNIT].flatMap(at => recordOf(bytes.subarray(at, at + UNIT)) ?? [])
        return records.sort((a, b) => b.sequence - a.sequence)[0]
      }),
    write: fresh =>
      attempt(() => {
        writeSync(fd, bytesOf(fresh), 0, UNIT, (fresh.sequence % 2) * UNIT)
      }),
    flush: () => attempt(() => fsyncSync(fd)),
    close: () => {
      // Not twice, and never written to again: the number may be another file's by then.
      if (fd >= 0) closeSync(fd)
      fd = -1
    },
  }
}

/** @throws {StoreError} `STORE_ROLLED_BACK` when the database is not as far as the witness saw it. */
export function expectFresh(path: string, database: Fresh, seen: Fresh | undefined): void {
  const advice =
    'if it was put back from a backup on purpose, that can be accepted; ' +
    'what was written since is then asked for from other nodes'
  if (seen === undefined)
    throw new StoreError(
      'STORE_ROLLED_BACK',
      `the file freshness beside ${path} is missing or damaged, so nothing says that it is the newest; ${advice}`,
    )
  if (seen.sequence > database.sequence)
    throw new StoreError(
      'STORE_ROLLED_BACK',
      `${path} ends at transaction ${database.sequence}, but ${seen.sequence} was seen; ${advice}`,
    )
  if (seen.sequence === database.sequence && !equal(seen.digest, database.digest))
    throw new StoreError(
      'STORE_ROLLED_BACK',
      `${path} went another way to transaction ${database.sequence} than the one that was seen; ${advice}`,
    )
}

function bytesOf({ sequence, digest }: Fresh): Uint8Array {
  const record = Buffer.alloc(UNIT)
  record.set(START)
  record.writeBigUInt64BE(BigInt(sequence), START.length)
  record.set(digest, START.length + 8)
  record.write(hash('sha256', record.subarray(0, BODY), 'hex'), BODY, 'hex')
  return record
}

function recordOf(record: Uint8Array): Fresh | undefined {
  const body = record.subarray(0, BODY)
  if (!equal(body.subarray(0, START.length), START)) return undefined
  if (!equal(sha256(body), record.subarray(BODY, BODY + 32))) return undefined
  const sequence = Number(Buffer.from(body).readBigUInt64BE(START.length))
  return { sequence, digest: body.slice(START.length + 8) }
}
