/**
 * Which bytes of a FAT32 volume mean something: the reserved sectors, both tables, and every cluster
 * that the table does not call free. The rest may hold anything, so it need not be written to a
 * disk. Source: Microsoft, "FAT32 File System Specification" 1.03.
 */
import type { Bytes } from './bytes.ts'

export type FatErrorCode = 'FAT_NOT_FAT32'

/** Not a FAT32 volume that makes sense. */
export class FatError extends Error {
  readonly code: FatErrorCode = 'FAT_NOT_FAT32'
  override readonly name = 'FatError'
}

/** A stretch of bytes: `[start, end)`. */
export type Range = readonly [start: number, end: number]

/**
 * Gives the used stretches of a volume, in order, touching ones joined.
 *
 * @throws {FatError} when the boot sector is not that of FAT32 or points outside the volume.
 */
export function fatRanges(volume: Bytes): Range[] {
  const bad = (message: string): never => {
    throw new FatError(`the ESP is not a FAT32 volume: ${message}`)
  }
  if (volume.size < 512) return bad(`${volume.size} bytes, at least 512 expected`)
  const boot = volume.read(0, 512)
  const sector = boot.readUInt16LE(11)
  const cluster = boot[13]! * sector
  const tables = boot[16]!
  const tableBytes = boot.readUInt32LE(36) * sector
  const tableAt = boot.readUInt16LE(14) * sector
  const dataAt = tableAt + tables * tableBytes
  if (boot.readUInt16LE(510) !== 0xaa55) bad('no 55 AA at byte 510')
  if (![512, 1024, 2048, 4096].includes(sector)) bad(`sectors of ${sector} bytes`)
  if (boot[13] === 0 || (boot[13]! & (boot[13]! - 1)) !== 0) bad(`${boot[13]} sectors per cluster`)
  if (boot.readUInt16LE(22) !== 0 || tableBytes === 0 || tables === 0) bad('no FAT32 tables')
  const bytes = (boot.readUInt16LE(19) || boot.readUInt32LE(32)) * sector
  if (bytes > volume.size || dataAt > bytes)
    bad(`it claims ${bytes} bytes with data from ${dataAt}, ${volume.size} are there`)
  const clusters = Math.floor((bytes - dataAt) / cluster)
  if ((clusters + 2) * 4 > tableBytes) bad(`${clusters} clusters do not fit its tables`)

  const table = volume.read(tableAt, (clusters + 2) * 4)
  const ranges: [number, number][] = [[0, dataAt]]
  for (let n = 2; n < clusters + 2; n++) {
    if ((table.readUInt32LE(n * 4) & 0x0fffffff) === 0) continue
    const start = dataAt + (n - 2) * cluster
    const last = ranges.at(-1)!
    if (last[1] === start) last[1] = start + cluster
    else ranges.push([start, start + cluster])
  }
  return ranges
}
