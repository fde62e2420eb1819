/**
 * Writes a GUID partition table (UEFI 2.10, chapter 5) for 512-byte sectors:
 *
 *   LBA 0 protective MBR | 1 header | 2..33 entries (128 of 128 bytes) | 2048.. partitions
 *   | N-33..N-2 the entries again | N-1 the backup header
 *
 * `gpt-parse.ts` reads it back.
 */
import { crc32 } from 'node:zlib'
import { guidBytes } from './guid.ts'

export const SECTOR = 512
export const ENTRIES = 128
export const ENTRY_BYTES = 128
export const HEADER_BYTES = 92
/** Sectors of one copy of the entries. */
export const ENTRY_SECTORS = (ENTRIES * ENTRY_BYTES) / SECTOR
/** First sector a partition may use: 1 MiB, which also aligns everything after it. */
export const FIRST_USABLE = 2048
/** Bytes from the start of the disk that hold MBR, header and entries. */
export const HEAD_BYTES = (2 + ENTRY_SECTORS) * SECTOR
/** Bytes at the end of the disk that hold the backup. */
export const TAIL_BYTES = (1 + ENTRY_SECTORS) * SECTOR
/** UTF-16 units in a partition's name. */
export const LABEL_UNITS = 36

export type GptErrorCode =
  | 'GPT_BAD_PARTITION' // asked for something that can't be written
  | 'GPT_NOT_FOUND' // no protective MBR or no header
  | 'GPT_DAMAGED' // a checksum or a field is wrong
  | 'GPT_INCONSISTENT' // fields are each fine but don't fit together

/** A partition table that can't be written or can't be trusted. */
export class GptError extends Error {
  readonly code: GptErrorCode
  constructor(code: GptErrorCode, message: string) {
    super(message)
    this.name = 'GptError'
    this.code = code
  }
}

/** One partition; sectors are of 512 bytes, `lastLba` is part of it. */
export type GptPartition = {
  readonly type: string
  readonly guid: string
  readonly firstLba: number
  readonly lastLba: number
  /** The 64 attribute bits. */
  readonly attributes: bigint
  readonly label: string
}

export type Gpt = {
  readonly diskGuid: string
  /** Size of the disk in sectors. */
  readonly sectors: number
  readonly partitions: readonly GptPartition[]
}

/**
 * Gives the bytes of both ends of a disk.
 *
 * @returns `head`: {@link HEAD_BYTES} for offset 0; `tail`: {@link TAIL_BYTES} for the disk's end.
 * @throws {GptError} `GPT_BAD_PARTITION` when a partition overlaps another, lies outside the usable
 *   sectors, repeats a GUID or has a name of more than 36 UTF-16 units.
 */
export function writeGpt(gpt: Gpt): { head: Buffer; tail: Buffer } {
  checkPartitions(gpt)
  const entries = Buffer.alloc(ENTRIES * ENTRY_BYTES)
  gpt.partitions.forEach((p, i) => writeEntry(entries.subarray(i * ENTRY_BYTES), p))
  const last = gpt.sectors - 1
  const checksum = crc32(entries)
  const primary = header(gpt, { at: 1, other: last, entriesAt: 2, checksum })
  const backup = header(gpt, { at: last, other: 1, entriesAt: last - ENTRY_SECTORS, checksum })
  return {
    head: Buffer.concat([protectiveMbr(gpt.sectors), primary, entries]),
    tail: Buffer.concat([entries, backup]),
  }
}

/** Last sector a partition may use on a disk of `sectors`. */
export function lastUsable(sectors: number): number {
  return sectors - 2 - ENTRY_SECTORS
}

/** @throws {GptError} `GPT_BAD_PARTITION`, see {@link writeGpt}. */
export function checkPartitions(gpt: Gpt): void {
  const fail = (message: string) => {
    throw new GptError('GPT_BAD_PARTITION', message)
  }
  const end = lastUsable(gpt.sectors)
  if (!Number.isSafeInteger(gpt.sectors) || end < FIRST_USABLE)
    fail(`the disk has ${gpt.sectors} sectors; a partition table needs at least 2082`)
  if (gpt.partitions.length > ENTRIES)
    fail(`${gpt.partitions.length} partitions, at most ${ENTRIES} fit`)
  const seen = new Set<string>()
  let before: GptPartition | undefined
  for (const p of gpt.partitions.toSorted((a, b) => a.firstLba - b.firstLba)) {
    if (!Number.isSafeInteger(p.firstLba) || !Number.isSafeInteger(p.lastLba))
      fail(`partition ${p.label}: sectors ${p.firstLba} to ${p.lastLba} are not whole numbers`)
    if (p.firstLba < FIRST_USABLE || p.lastLba > end || p.lastLba < p.firstLba)
      fail(
        `partition ${p.label}: sectors ${p.firstLba} to ${p.lastLba}, ` +
          `must lie in ${FIRST_USABLE} to ${end}`,
      )
    if (before && p.firstLba <= before.lastLba)
      fail(`partitions ${before.label} and ${p.label} overlap at sector ${p.firstLba}`)
    if (seen.has(p.guid)) fail(`partition ${p.label}: GUID ${p.guid} is used twice`)
    if (p.label.length > LABEL_UNITS || p.label.includes('\0'))
      fail(`partition name '${p.label}': at most ${LABEL_UNITS} characters, no NUL`)
    seen.add(p.guid)
    before = p
  }
}

function writeEntry(into: Buffer, p: GptPartition): void {
  guidBytes(p.type).copy(into, 0)
  guidBytes(p.guid).copy(into, 16)
  into.writeBigUInt64LE(BigInt(p.firstLba), 32)
  into.writeBigUInt64LE(BigInt(p.lastLba), 40)
  into.writeBigUInt64LE(p.attributes, 48)
  into.write(p.label, 56, 'utf16le')
}

function header(
  gpt: Gpt,
  place: { at: number; other: number; entriesAt: number; checksum: number },
): Buffer {
  const sector = Buffer.alloc(SECTOR)
  sector.write('EFI PART', 0, 'latin1')
  sector.writeUInt32LE(0x00010000, 8)
  sector.writeUInt32LE(HEADER_BYTES, 12)
  sector.writeBigUInt64LE(BigInt(place.at), 24)
  sector.writeBigUInt64LE(BigInt(place.other), 32)
  sector.writeBigUInt64LE(BigInt(FIRST_USABLE), 40)
  sector.writeBigUInt64LE(BigInt(lastUsable(gpt.sectors)), 48)
  guidBytes(gpt.diskGuid).copy(sector, 56)
  sector.writeBigUInt64LE(BigInt(place.entriesAt), 72)
  sector.writeUInt32LE(ENTRIES, 80)
  sector.writeUInt32LE(ENTRY_BYTES, 84)
  sector.writeUInt32LE(place.checksum, 88)
  sector.writeUInt32LE(crc32(sector.subarray(0, HEADER_BYTES)), 16)
  return sector
}

/** One entry of type EE over the whole disk, so that old tools keep off (5.2.3). */
function protectiveMbr(sectors: number): Buffer {
  const mbr = Buffer.alloc(SECTOR)
  mbr.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 446)
  mbr.writeUInt32LE(1, 454)
  mbr.writeUInt32LE(Math.min(sectors - 1, 0xffffffff), 458)
  mbr.writeUInt16LE(0xaa55, 510)
  return mbr
}
