/**
 * The file of large pieces, `sectors`: extents that the piece table names, and free space between them.
 * It has no structure of its own. Each extent begins at a multiple of 512 bytes, the least that a disk
 * writes; as SQLite does, we rely on a write not harming the bytes beside it.
 *
 * Reads and writes go through libuv's threads and the kernel's page cache.
 */
import {
  close,
  constants,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  read,
  readSync,
  writev,
} from 'node:fs'
import { promisify } from 'node:util'
import { StoreError } from './error.ts'

/** Bytes that extents are rounded up to. */
export const UNIT = 512

export function rounded(length: number): number {
  return Math.ceil(length / UNIT) * UNIT
}

const [closing, syncing, writing] = [promisify(close), promisify(fdatasync), promisify(writev)]
const PADDING = Buffer.alloc(UNIT)

export class DataFile {
  readonly #path: string
  readonly #fd: number
  readonly #reads = new Set<Promise<unknown>>()
  #length: number
  #writes = 0
  #synced = 0

  constructor(path: string) {
    this.#path = path
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    this.#length = fstatSync(this.#fd).size
  }

  /** Bytes. */
  get length(): number {
    return this.#length
  }

  /**
   * Writes extents that lie one behind the other, the first at `at`.
   *
   * @throws {StoreError} `STORE_FULL`, `STORE_IO`.
   */
  async write(at: number, extents: readonly Uint8Array[]): Promise<void> {
    const parts = extents.flatMap(extent => {
      const more = rounded(extent.length) - extent.length
      return more === 0 ? [extent] : [extent, PADDING.subarray(0, more)]
    })
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    try {
      for (let done = 0; done < length;) {
        const written = await writing(this.#fd, rest(parts, done), at + done)
        done += written as unknown as number
      }
      this.#length = Math.max(this.#length, at + length)
    } catch (error) {
      this.#length = fstatSync(this.#fd).size
      throw named(this.#path, error)
    } finally {
      this.#writes++
    }
  }

  /**
   * `length` bytes at `at`; the read has begun when this returns.
   *
   * @throws {StoreError} `STORE_DAMAGED` when the file ends before, `STORE_IO`.
   */
  read(at: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafeSlow(length)
    const reading = new Promise<Uint8Array>((resolve, reject) => {
      const more = (done: number): void =>
        read(this.#fd, bytes, done, length - done, at + done, (error, count) => {
          if (error) reject(named(this.#path, error))
          else if (count === 0) reject(this.#short(at, length))
          else if (done + count < length) more(done + count)
          else resolve(bytes)
        })
      more(0)
    })
    this.#reads.add(reading)
    const ended = () => void this.#reads.delete(reading)
    reading.then(ended, ended)
    return reading
  }

  /** As `read`, for short ones: asking another thread would take longer than the work. */
  readNow(at: number, length: number): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(length)
    try {
      for (let done = 0; done < length;) {
        const count = readSync(this.#fd, bytes, done, length - done, at + done)
        if (count === 0) throw this.#short(at, length)
        done += count
      }
    } catch (error) {
      throw error instanceof StoreError ? error : named(this.#path, error)
    }
    return bytes
  }

  /** Resolves when all reads that have begun are over. */
  async readsOver(): Promise<void> {
    await Promise.allSettled(this.#reads)
  }

  /** What was written is on the disk when this resolves. @throws {StoreError} as `write`. */
  async sync(): Promise<void> {
    const writes = this.#writes
    if (writes === this.#synced) return
    try {
      await syncing(this.#fd)
    } catch (error) {
      throw named(this.#path, error)
    }
    this.#synced = Math.max(this.#synced, writes)
  }

  /** Gives what is behind `length` back to the file system, if that lets us. */
  truncate(length: number): void {
    if (length >= this.#length) return
    try {
      ftruncateSync(this.#fd, length)
      this.#length = length
    } catch {
      // Then it is free space within the file.
    }
  }

  async close(): Promise<void> {
    await this.readsOver()
    await closing(this.#fd)
  }

  #short(at: number, length: number): StoreError {
    return new StoreError(
      'STORE_DAMAGED',
      `${this.#path} ends at ${this.length}, but ${length} bytes at ${at} belong to it: ` +
        'it was cut off; fsck says what is lost',
    )
  }
}

/** The parts without their first `done` bytes. */
function rest(parts: readonly Uint8Array[], done: number): Uint8Array[] {
  if (done === 0) return [...parts]
  let skip = done
  return parts.flatMap(part => {
    const skipped = Math.min(skip, part.length)
    skip -= skipped
    return skipped === part.length ? [] : [part.subarray(skipped)]
  })
}

const ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** A file system's error under the store's name. */
export function named(path: string, error: unknown): StoreError {
  const { code = '', message } = error as NodeJS.ErrnoException
  const because = { cause: error }
  if (ROOM.has(code))
    return new StoreError('STORE_FULL', `${path}: no room (${code}); make some and retry`, because)
  return new StoreError('STORE_IO', `${path}: ${message}`, because)
}
