/**
 * Which bytes of a Blocktree image must be on the disk, read from the image itself: both ends of the
 * partition table, what the ESP's table calls used, and of a slot exactly what its verity superblock
 * covers, zeros included, since they are verified too. Of an empty partition the first MiB is
 * written, so that an old file system can't show through. Holes in the file say nothing here: tools
 * that copy images make and fill them as they like.
 */
import type { Bytes } from './bytes.ts'
import { fatRanges, type Range } from './fat.ts'
import { HEAD_BYTES, SECTOR, TAIL_BYTES, type Gpt, type GptPartition } from './gpt.ts'
import { BLOCK, hashDeviceBytes, parseVeritySuperblock, VerityError } from './verity.ts'

const EMPTY_HEAD = 2 ** 20

/**
 * Gives the meaningful ranges of an image in order, widened to whole blocks of 4096 bytes, touching
 * ones joined.
 *
 * @throws {FatError} when the ESP holds something that is not FAT32.
 */
export function imageRanges(image: Bytes, gpt: Gpt): Range[] {
  const ranges: Range[] = [[0, HEAD_BYTES]]
  for (const p of gpt.partitions) ranges.push(...partitionRanges(image, p, gpt))
  ranges.push([image.size - TAIL_BYTES, image.size])
  return joined(ranges, image.size)
}

/** A partition's bytes, addressed from 0. */
export function partitionBytes(image: Bytes, p: GptPartition): Bytes {
  const start = p.firstLba * SECTOR
  return {
    size: (p.lastLba + 1 - p.firstLba) * SECTOR,
    read: (offset, length, into) => image.read(start + offset, length, into),
  }
}

function partitionRanges(image: Bytes, p: GptPartition, gpt: Gpt): Range[] {
  const start = p.firstLba * SECTOR
  const bytes = partitionBytes(image, p)
  const at = ([from, to]: Range): Range => [start + from, start + to]
  if (isZero(bytes.read(0, Math.min(EMPTY_HEAD, bytes.size))))
    return [at([0, Math.min(EMPTY_HEAD, bytes.size)])]
  if (p.label === 'esp') return fatRanges(bytes).map(at)
  const [, kind, slot] = /^(root|verity)-([ab])$/.exec(p.label) ?? []
  const verity = gpt.partitions.find(other => other.label === `verity-${slot}`)
  const dataBlocks = verity && verityBlocks(partitionBytes(image, verity))
  if (kind === undefined || dataBlocks === undefined) return [at([0, bytes.size])]
  const used = kind === 'root' ? dataBlocks * BLOCK : hashDeviceBytes(dataBlocks)
  return [at([0, Math.min(used, bytes.size)])]
}

function verityBlocks(partition: Bytes): number | undefined {
  try {
    return parseVeritySuperblock(partition.read(0, 512)).dataBlocks
  } catch (error) {
    if (error instanceof VerityError) return undefined
    throw error
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.equals(Buffer.alloc(bytes.length))
}

function joined(ranges: readonly Range[], size: number): Range[] {
  const out: [number, number][] = []
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const start = Math.floor(from / BLOCK) * BLOCK
    const end = Math.min(size, Math.ceil(to / BLOCK) * BLOCK)
    const last = out.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else out.push([start, end])
  }
  return out
}
