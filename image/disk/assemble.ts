/**
 * Puts a disk image together: partition table, ESP, slots; a sparse file of fixed size. Written
 * beside its place and renamed when complete, so that a name never stands for half an image.
 */
import { createHash } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import type { Partition } from '../../board/board.ts'
import { rangeSha256, type Bmap } from './bmap.ts'
import { opened, withFile, writeAt, type Bytes } from './bytes.ts'
import type { Range } from './fat.ts'
import { SECTOR, TAIL_BYTES, writeGpt, type GptPartition } from './gpt.ts'
import { boardGpt, MIB, type DiskBoard } from './layout.ts'
import { imageRanges } from './map.ts'

const CHUNK = 256 * 1024
const ZEROS = Buffer.alloc(CHUNK)

export type AssembleErrorCode = 'DISK_NO_PARTITION' | 'DISK_TOO_LARGE'

/** Contents that don't go onto the board's disk. */
export class AssembleError extends Error {
  readonly code: AssembleErrorCode
  constructor(code: AssembleErrorCode, message: string) {
    super(message)
    this.name = 'AssembleError'
    this.code = code
  }
}

/**
 * Writes the image of a board.
 *
 * @param contents  file of each partition; partitions without one stay empty.
 * @param seed      what all GUIDs come from.
 * @returns the block map of what was written, and the SHA-256 of the whole file.
 * @throws {AssembleError} `DISK_NO_PARTITION` when the board has no such partition;
 *   `DISK_TOO_LARGE` when a file is larger than its partition.
 */
export function assembleDisk(
  board: DiskBoard,
  contents: ReadonlyMap<Partition['label'], string>,
  seed: string,
  out: string,
): Bmap & { readonly sha256: string } {
  const gpt = boardGpt(board, seed)
  const jobs: { from: string; partition: GptPartition }[] = []
  for (const [label, from] of contents) {
    const partition = gpt.partitions.find(p => p.label === label)
    if (!partition)
      throw new AssembleError(
        'DISK_NO_PARTITION',
        `board ${board.name} has no partition ${label} for ${from}; it has ` +
          gpt.partitions.map(p => p.label).join(', '),
      )
    checkFits(board, partition, from)
    jobs.push({ from, partition })
  }
  const half = `${out}.part`
  rmSync(half, { force: true })
  const fd = openSync(half, 'wx+', 0o644)
  try {
    const size = gpt.sectors * SECTOR
    const { head, tail } = writeGpt(gpt)
    ftruncateSync(fd, size)
    writeAt(fd, head, 0)
    const written: Range[] = [[0, head.length]]
    for (const { from, partition } of jobs)
      written.push(...copySparse(from, fd, partition.firstLba * SECTOR))
    writeAt(fd, tail, size - TAIL_BYTES)
    written.push([size - TAIL_BYTES, size])
    const image = opened(fd)
    const bmap = {
      sha256: sparseSha256(image, written),
      imageBytes: size,
      ranges: imageRanges(image, gpt).map(range => ({
        start: range[0],
        end: range[1],
        sha256: rangeSha256(image, range),
      })),
    }
    renameSync(half, out)
    return bmap
  } finally {
    closeSync(fd)
    rmSync(half, { force: true })
  }
}

function checkFits(board: DiskBoard, p: GptPartition, file: string): void {
  const found = statSync(file).size
  const most = (p.lastLba + 1 - p.firstLba) * SECTOR
  if (found > most)
    throw new AssembleError(
      'DISK_TOO_LARGE',
      `board ${board.name}, partition ${p.label}: ${file} is ${found} bytes ` +
        `(${(found / MIB).toFixed(1)} MiB), at most ${most} (${most / MIB} MiB) fit; make the ` +
        `partition larger in board/${board.name}.ts or ship less`,
    )
}

/**
 * Copies a file into the image; large stretches of zeros become holes, which read the same. Gives
 * what was written.
 */
function copySparse(from: string, fd: number, offset: number): Range[] {
  const buffer = Buffer.allocUnsafe(CHUNK)
  const written: Range[] = []
  withFile(from, bytes => {
    for (let at = 0; at < bytes.size; at += CHUNK) {
      const chunk = bytes.read(at, Math.min(CHUNK, bytes.size - at), buffer)
      if (chunk.equals(ZEROS.subarray(0, chunk.length))) continue
      writeAt(fd, chunk, offset + at)
      written.push([offset + at, offset + at + chunk.length])
    }
  })
  return written
}

/** SHA-256 in hex of an image that is zeros outside of `written`: reading holes costs more. */
function sparseSha256(image: Bytes, written: readonly Range[]): string {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(CHUNK)
  let at = 0
  const zeros = (end: number) => {
    for (; at < end; at = Math.min(end, at + CHUNK))
      hash.update(ZEROS.subarray(0, Math.min(CHUNK, end - at)))
  }
  for (const [start, end] of written.toSorted((a, b) => a[0] - b[0])) {
    zeros(start)
    for (; at < end; at = Math.min(end, at + CHUNK))
      hash.update(image.read(at, Math.min(CHUNK, end - at), buffer))
  }
  zeros(image.size)
  return hash.digest('hex')
}
