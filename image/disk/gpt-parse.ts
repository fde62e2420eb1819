/**
 * Reads a GUID partition table strictly (UEFI 2.10, chapter 5; 512-byte sectors): every field is
 * checked before it is used, since the bytes may come from a stick somebody found. What this accepts
 * is what `gpt.ts` writes, and what other tools write with 128 entries.
 */
import { crc32 } from 'node:zlib'
import type { Bytes } from './bytes.ts'
import {
  checkPartitions,
  ENTRIES,
  ENTRY_BYTES,
  ENTRY_SECTORS,
  FIRST_USABLE,
  GptError,
  HEAD_BYTES,
  HEADER_BYTES,
  lastUsable,
  SECTOR,
  TAIL_BYTES,
  type Gpt,
  type GptErrorCode,
  type GptPartition,
} from './gpt.ts'
import { guidText } from './guid.ts'

/** Type of an entry that is not used. */
const UNUSED = Buffer.alloc(16)

/**
 * Reads the table at the start of a disk, and the backup at its end.
 *
 * @throws {GptError} `GPT_NOT_FOUND` when there is none, `GPT_DAMAGED` when a field or checksum is
 *   wrong, `GPT_INCONSISTENT` when the backup differs or partitions overlap.
 */
export function parseGpt(disk: Bytes): Gpt {
  if (disk.size < HEAD_BYTES + TAIL_BYTES)
    fail('GPT_NOT_FOUND', `${disk.size} bytes are too few for a partition table`)
  const head = disk.read(0, HEAD_BYTES)
  const sectors = gptSectors(head)
  if (sectors * SECTOR > disk.size)
    fail(
      'GPT_INCONSISTENT',
      `the partition table is for ${sectors * SECTOR} bytes, only ${disk.size} are there`,
    )
  const gpt = parseHead(head)
  const tail = disk.read(sectors * SECTOR - TAIL_BYTES, TAIL_BYTES)
  const backup = tail.subarray(TAIL_BYTES - SECTOR)
  checkHeader(backup, { at: sectors - 1, other: 1, entriesAt: sectors - 1 - ENTRY_SECTORS })
  // Header and backup agree on sizes by now; what is left to differ is GUID and entries.
  if (!backup.subarray(56, 72).equals(head.subarray(SECTOR + 56, SECTOR + 72)))
    fail('GPT_INCONSISTENT', 'the backup has another disk GUID than the partition table')
  if (!tail.subarray(0, TAIL_BYTES - SECTOR).equals(head.subarray(2 * SECTOR)))
    fail('GPT_INCONSISTENT', 'the backup has other partitions than the partition table')
  return gpt
}

/**
 * Reads the first {@link HEAD_BYTES} alone, for an image that is read as a stream.
 *
 * @throws {GptError} like {@link parseGpt}.
 */
export function parseHead(head: Buffer): Gpt {
  const sectors = gptSectors(head)
  const header = head.subarray(SECTOR, 2 * SECTOR)
  checkHeader(header, { at: 1, other: sectors - 1, entriesAt: 2 })
  const entries = head.subarray(2 * SECTOR, HEAD_BYTES)
  const found = crc32(entries)
  if (found !== header.readUInt32LE(88))
    fail(
      'GPT_DAMAGED',
      `the entries' CRC is ${hex(found)}, ${hex(header.readUInt32LE(88))} expected`,
    )
  const partitions: GptPartition[] = []
  for (let i = 0; i < ENTRIES; i++) {
    const entry = entries.subarray(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES)
    if (entry.compare(UNUSED, 0, 16, 0, 16) !== 0) partitions.push(readEntry(entry))
  }
  const gpt = { diskGuid: guidText(header.subarray(56, 72)), sectors, partitions }
  try {
    checkPartitions(gpt)
  } catch (error) {
    if (error instanceof GptError) fail('GPT_INCONSISTENT', error.message)
    throw error
  }
  return gpt
}

/** Size of the disk in sectors, as the header says it; the rest of the header is not looked at. */
function gptSectors(head: Buffer): number {
  if (head.length < HEAD_BYTES)
    fail('GPT_NOT_FOUND', `${head.length} bytes, ${HEAD_BYTES} expected`)
  if (head.readUInt16LE(510) !== 0xaa55 || head[450] !== 0xee)
    fail('GPT_NOT_FOUND', 'there is no protective MBR in the first sector')
  if (head.toString('latin1', SECTOR, SECTOR + 8) !== 'EFI PART')
    fail('GPT_NOT_FOUND', 'there is no EFI PART header in the second sector')
  const other = Number(head.readBigUInt64LE(SECTOR + 32))
  if (other < FIRST_USABLE || other >= 2 ** 44)
    fail('GPT_DAMAGED', `the backup is said to be in sector ${other}`)
  return other + 1
}

function checkHeader(
  header: Buffer,
  place: { at: number; other: number; entriesAt: number },
): void {
  if (header.toString('latin1', 0, 8) !== 'EFI PART')
    fail('GPT_INCONSISTENT', `there is no EFI PART header in sector ${place.at}`)
  const size = header.readUInt32LE(12)
  if (size !== HEADER_BYTES) fail('GPT_DAMAGED', `the header is ${size} bytes, 92 expected`)
  const copy = Buffer.from(header.subarray(0, HEADER_BYTES)).fill(0, 16, 20)
  if (crc32(copy) !== header.readUInt32LE(16))
    fail(
      'GPT_DAMAGED',
      `the CRC of the header in sector ${place.at} is ${hex(crc32(copy))}, ` +
        `${hex(header.readUInt32LE(16))} expected`,
    )
  const need = (what: string, found: number | bigint, expected: number) => {
    if (Number(found) !== expected)
      fail('GPT_DAMAGED', `header in sector ${place.at}: ${what} is ${found}, ${expected} expected`)
  }
  const last = Math.max(place.at, place.other)
  need('revision', header.readUInt32LE(8), 0x00010000)
  need('reserved field', header.readUInt32LE(20), 0)
  need('its own sector', header.readBigUInt64LE(24), place.at)
  need('the other sector', header.readBigUInt64LE(32), place.other)
  need('last usable sector', header.readBigUInt64LE(48), lastUsable(last + 1))
  need('sector of the entries', header.readBigUInt64LE(72), place.entriesAt)
  need('number of entries', header.readUInt32LE(80), ENTRIES)
  need('size of an entry', header.readUInt32LE(84), ENTRY_BYTES)
  const first = Number(header.readBigUInt64LE(40))
  if (first < 2 + ENTRY_SECTORS || first > FIRST_USABLE)
    need('first usable sector', first, FIRST_USABLE)
}

function readEntry(entry: Buffer): GptPartition {
  const name = entry.toString('utf16le', 56, ENTRY_BYTES)
  const end = name.indexOf('\0')
  return {
    type: guidText(entry.subarray(0, 16)),
    guid: guidText(entry.subarray(16, 32)),
    firstLba: Number(entry.readBigUInt64LE(32)),
    lastLba: Number(entry.readBigUInt64LE(40)),
    attributes: entry.readBigUInt64LE(48),
    label: end < 0 ? name : name.slice(0, end),
  }
}

function hex(n: number): string {
  return n.toString(16).padStart(8, '0')
}

function fail(code: GptErrorCode, message: string): never {
  throw new GptError(code, message)
}
