/**
 * Writes an image to a disk so that a disk which is not completely written, and found to hold what
 * was written, never boots:
 *
 *   1 both partition tables that are there are wiped, and what could be taken for old data
 *   2 the mapped ranges are written, then the backup table at the disk's own end
 *   3 everything is read back, past the cache, and compared
 *   4 the first MiB with the partition table is written last, and read back
 */
import { createHash, type Hash } from 'node:crypto'
import { constants, realpathSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { openDirect, type DirectReader } from './direct-read.ts'
import { FlashError } from './flash-error.ts'
import type { Source } from './flash-source.ts'
import { HEAD_BYTES, SECTOR, TAIL_BYTES, writeGpt } from './gpt.ts'
import { MIB } from './layout.ts'
import type { Target } from './target.ts'

const READ = 4 * MIB
/** The disk is waited for after so many bytes, so that progress is that of the disk. */
const SYNC_EVERY = 32 * MIB

export type FlashProgress = (phase: 'write' | 'verify', done: number, total: number) => void

export type FlashOptions = {
  readonly source: Source
  readonly target: Target
  /** Read everything back. */
  readonly verify: boolean
  readonly signal: AbortSignal
  readonly onProgress: FlashProgress
}

export type Flashed = {
  /** Bytes written. */
  readonly written: number
  /** `disk`: compared with the disk; `cache`: the disk could not be read past the page cache. */
  readonly verified: 'disk' | 'cache' | 'no'
}

type Written = { readonly start: number; readonly end: number; readonly sha256: string }

/**
 * @throws {FlashError} `FLASH_TOO_SMALL`, `FLASH_NO_PERMISSION`, `FLASH_IN_USE`, `FLASH_READ_ONLY`
 *   before anything is written; `FLASH_WRITE_FAILED`, `FLASH_IMAGE_DAMAGED`, `FLASH_VERIFY_FAILED`,
 *   `FLASH_ABORTED` afterwards: the disk then does not boot, and the message says so.
 */
export async function flashImage(options: FlashOptions): Promise<Flashed> {
  const { source, target } = options
  if (realpathSync(source.path) === realpathSync(target.path))
    throw new FlashError('FLASH_IN_USE', `${target.path} is the image itself; name a disk`)
  if (target.bytes < source.bytes)
    throw new FlashError(
      'FLASH_TOO_SMALL',
      `${target.path} has ${target.bytes} bytes, the image needs ${source.bytes}` +
        (target.bytes === 0 ? '; is there a card in the reader?' : ''),
    )
  const file = await openTarget(target)
  try {
    return await writeAll(file, options)
  } catch (error) {
    throw halfWritten(error, target)
  } finally {
    await file.close()
  }
}

async function writeAll(file: FileHandle, options: FlashOptions): Promise<Flashed> {
  const { source, target, verify, signal, onProgress } = options
  const dataEnd = Math.max(...source.gpt.partitions.map(p => (p.lastLba + 1) * SECTOR))
  const sectors = Math.floor(target.bytes / SECTOR)
  const end = sectors * SECTOR
  const { head: table, tail } = writeGpt({ ...source.gpt, sectors })
  const head = Buffer.concat([table, source.head.subarray(HEAD_BYTES, MIB)])

  const zeros = Buffer.alloc(MIB)
  await writeFully(file, zeros, 0)
  // A data partition of an earlier image began here; its file system must not show through.
  await writeFully(file, zeros.subarray(0, Math.min(MIB, end - dataEnd)), dataEnd)
  await writeFully(file, zeros, end - MIB)
  await sync(file)

  const written = await writeRanges(file, dataEnd, options)
  await writeFully(file, tail, end - TAIL_BYTES)
  await sync(file)
  const total = written.reduce((n, range) => n + range.end - range.start, 0)
  const bytes = total + head.length + tail.length
  onProgress('write', total, total)
  if (!verify) {
    await writeFully(file, head, 0)
    await sync(file)
    return { written: bytes, verified: 'no' }
  }
  const disk = await openDirect(target.path, READ)
  try {
    let done = 0
    for (const range of written) {
      await compare(disk, range, signal, n => onProgress('verify', (done += n), total))
    }
    await compareBytes(disk, tail, end - TAIL_BYTES)
    await writeFully(file, head, 0)
    await sync(file)
    await compareBytes(disk, head, 0)
    return { written: bytes, verified: disk.direct ? 'disk' : 'cache' }
  } finally {
    await disk.close()
  }
}

/** Writes what lies between the first MiB and the end of the last partition; checks the image. */
async function writeRanges(
  file: FileHandle,
  dataEnd: number,
  { source, signal, onProgress }: FlashOptions,
): Promise<Written[]> {
  const clip = (at: number) => Math.min(dataEnd, Math.max(MIB, at))
  const total = source.ranges.reduce((n, { start, end }) => n + clip(end) - clip(start), 0)
  const written: Written[] = []
  const ranges = source.ranges.values()
  let range = ranges.next().value
  let hash: { whole: Hash; clipped: Hash } | undefined
  let done = 0
  let unsynced = 0
  for await (const { offset, data } of source.pieces()) {
    stopIf(signal)
    hash ??= { whole: createHash('sha256'), clipped: createHash('sha256') }
    const { start, end, sha256 } = range!
    const piece = data.subarray(clip(offset) - offset, clip(offset + data.length) - offset)
    if (sha256 !== undefined) hash.whole.update(data)
    if (piece.length > 0) {
      hash.clipped.update(piece)
      await writeFully(file, piece, clip(offset))
    }
    if ((unsynced += piece.length) >= SYNC_EVERY) {
      await sync(file)
      unsynced = 0
    }
    onProgress('write', (done += piece.length), total)
    if (offset + data.length < end) continue
    const found = hash.whole.digest('hex')
    if (sha256 !== undefined && found !== sha256)
      throw new FlashError(
        'FLASH_IMAGE_DAMAGED',
        `${source.path}, bytes ${start} to ${end}: SHA-256 is ${found}, the block map says ` +
          `${sha256}; fetch the image again`,
      )
    if (clip(end) > clip(start))
      written.push({ start: clip(start), end: clip(end), sha256: hash.clipped.digest('hex') })
    hash = undefined
    range = ranges.next().value
  }
  return written
}

async function compare(
  disk: DirectReader,
  { start, end, sha256 }: Written,
  signal: AbortSignal,
  onBytes: (n: number) => void,
): Promise<void> {
  const hash = createHash('sha256')
  for (let at = start; at < end;) {
    stopIf(signal)
    const data = await failing(at, disk.read(at, Math.min(READ, end - at)))
    if (data.length === 0) throw differs(start, end, 'nothing', sha256)
    hash.update(data)
    onBytes(data.length)
    at += data.length
  }
  const found = hash.digest('hex')
  if (found !== sha256) throw differs(start, end, found, sha256)
}

/** Compares bytes at an offset that need not be a multiple of 4096. */
async function compareBytes(disk: DirectReader, expected: Buffer, offset: number): Promise<void> {
  const start = Math.floor(offset / 4096) * 4096
  const data = await failing(offset, disk.read(start, offset + expected.length - start))
  if (!data.subarray(offset - start).equals(expected))
    throw differs(offset, offset + expected.length, 'another', 'the partition table')
}

function differs(start: number, end: number, found: string, expected: string): FlashError {
  return new FlashError(
    'FLASH_VERIFY_FAILED',
    `bytes ${start} to ${end} read back differ from what was written (SHA-256 ${found}, ` +
      `${expected} expected): the disk is failing or smaller than it says`,
  )
}

async function openTarget({ path, kind }: Target): Promise<FileHandle> {
  // On a block device O_EXCL asks the kernel for it: refused while anything holds a part of it.
  const flags = constants.O_RDWR | (kind === 'disk' ? constants.O_EXCL : 0)
  try {
    return await open(path, flags)
  } catch (error) {
    throw refused(path, error as NodeJS.ErrnoException)
  }
}

function refused(path: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'EBUSY':
      return new FlashError(
        'FLASH_IN_USE',
        `${path} is in use by the kernel or another program; stop that first`,
        error,
      )
    case 'EACCES':
    case 'EPERM':
      return new FlashError(
        'FLASH_NO_PERMISSION',
        `no permission to write ${path}; run the command with sudo`,
        error,
      )
    case 'EROFS':
      return new FlashError('FLASH_READ_ONLY', `${path} is write-protected`, error)
    case 'ENOMEDIUM':
      return new FlashError('FLASH_TOO_SMALL', `${path} is empty; is there a card in it?`, error)
    default:
      return error
  }
}

async function writeFully(file: FileHandle, data: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await failing(
      offset + done,
      file.write(data, done, data.length - done, offset + done),
    )
    done += bytesWritten
  }
}

function sync(file: FileHandle): Promise<void> {
  return failing(undefined, file.datasync())
}

async function failing<T>(offset: number | undefined, act: Promise<T>): Promise<T> {
  try {
    return await act
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const at = offset === undefined ? '' : ` at byte ${offset}`
    throw new FlashError('FLASH_WRITE_FAILED', `the disk failed${at} (${code ?? message})`, error)
  }
}

function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new FlashError('FLASH_ABORTED', 'stopped')
}

function halfWritten(error: unknown, { path }: Target): unknown {
  if (!(error instanceof FlashError)) return error
  return new FlashError(
    error.code,
    `${error.message}. ${path} is half-written and does not boot; run bt flash again`,
    error,
  )
}
