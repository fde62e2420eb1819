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
/** Memory that waits to be used again: how many, and bytes of each, at most or about. */
const FREE_MAX = 8
const REUSED = (1 << 20) + (64 << 10)
/** Shorter reads are not worth it. */
const REUSED_MIN = 256 << 10
const PADDING = Buffer.alloc(UNIT)

export class DataFile {
  readonly #path: string
  readonly #fd: number
  readonly #reads = new Set<Promise<unknown>>()
  /** Memory of reads that may be given back, and that was. */
  readonly #lent = new WeakSet<ArrayBufferLike>()
  readonly #free: ArrayBufferLike[] = []
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
    const bytes = this.#memory(length)
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

  /**
   * The caller needs bytes of `read` no more, nor any part of them: their memory is used again. Fresh
   * memory for each read keeps the garbage collector busy for as long as the reading takes.
   */
  recycle(bytes: Uint8Array): void {
    const memory = bytes.buffer
    if (!this.#lent.delete(memory)) return
    if (this.#free.length < FREE_MAX) this.#free.push(memory)
  }

  #memory(length: number): Buffer {
    if (length < REUSED_MIN) return Buffer.allocUnsafeSlow(length)
    let at = this.#free.findIndex(free => free.byteLength >= length)
    if (at < 0) at = this.#free.push(new ArrayBuffer(Math.max(length, REUSED))) - 1
    const [memory] = this.#free.splice(at, 1) as [ArrayBuffer]
    this.#lent.add(memory)
    return Buffer.from(memory, 0, length)
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
