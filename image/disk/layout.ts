/**
 * From a board to the partitions of its disk: types from the Discoverable Partitions Specification,
 * everything aligned to 1 MiB, in the order of the board. The `data` partition takes what a real
 * disk has left, so it is not in the image: systemd-repart makes it at the first boot.
 */
import type { Board, Partition } from '../../board/board.ts'
import { FIRST_USABLE, SECTOR, type Gpt, type GptPartition } from './gpt.ts'
import { seededGuid } from './guid.ts'

export const MIB = 2 ** 20
const SECTORS_PER_MIB = MIB / SECTOR

/** Discoverable Partitions Specification, "Defined Partition Type UUIDs". */
export const PARTITION_TYPES = {
  esp: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  'root-x86_64': '4f68bce3-e8cd-4db1-96e7-fbcaf984b709',
  'verity-x86_64': '2c7357ed-ebd2-46d9-aec1-23d437ec2bf5',
  'root-aarch64': 'b921b045-1df0-41c3-af44-4c6f280d3fae',
  'verity-aarch64': 'df3300ce-d69f-4c92-978c-9bfb0f38d820',
  data: '0fc63daf-8483-4772-8e79-3d69d8477de4',
} as const

/** The same specification, "Partition Flags": mounted read-only. */
export const FLAG_READ_ONLY = 1n << 60n

export type LayoutErrorCode = 'LAYOUT_BAD_BOARD'

/** A board whose disk can't be made. */
export class LayoutError extends Error {
  readonly code: LayoutErrorCode = 'LAYOUT_BAD_BOARD'
  override readonly name = 'LayoutError'
}

/** What the layout needs to know of a board. */
export type DiskBoard = Pick<Board, 'name' | 'arch' | 'disk'>

/** Type GUID of a partition by its label. */
export function partitionType(label: Partition['label'], arch: Board['arch']): string {
  if (label === 'esp' || label === 'data') return PARTITION_TYPES[label]
  return PARTITION_TYPES[`${label.startsWith('root') ? 'root' : 'verity'}-${arch}`]
}

/**
 * The partition table of a board's image: as small as its fixed partitions allow, 1 MiB before and
 * 1 MiB after them.
 *
 * @param seed  what the GUIDs come from, see {@link seededGuid}.
 * @throws {LayoutError} when a size is not a whole number of MiB above 0, a label comes twice, or
 *   something stands behind the partition with size `rest`.
 */
export function boardGpt(board: DiskBoard, seed: string): Gpt {
  const partitions: GptPartition[] = []
  let next = FIRST_USABLE
  let rest: string | undefined
  for (const { label, size } of board.disk.partitions) {
    const fail = (message: string): never => {
      throw new LayoutError(`board ${board.name}, partition ${label}: ${message}`)
    }
    if (rest !== undefined) fail(`stands behind ${rest}, which takes the rest of the disk`)
    if (partitions.some(p => p.label === label)) fail('is there twice, once expected')
    if (size === 'rest') {
      rest = label
      continue
    }
    if (!Number.isSafeInteger(size) || size < 1)
      fail(`size is ${size}, a whole number of MiB or 'rest' expected`)
    partitions.push({
      type: partitionType(label, board.arch),
      guid: seededGuid(seed, label),
      firstLba: next,
      lastLba: next + size * SECTORS_PER_MIB - 1,
      attributes: /^(root|verity)/.test(label) ? FLAG_READ_ONLY : 0n,
      label,
    })
    next += size * SECTORS_PER_MIB
  }
  return { diskGuid: seededGuid(seed, 'disk'), sectors: next + SECTORS_PER_MIB, partitions }
}

const ARCHES: readonly unknown[] = ['x86_64', 'aarch64'] satisfies Board['arch'][]
const LABELS: readonly unknown[] = [
  'esp',
  'root-a',
  'verity-a',
  'root-b',
  'verity-b',
  'data',
] satisfies Partition['label'][]

/**
 * Reads a board from JSON, as far as the disk is concerned.
 *
 * @throws {LayoutError} naming the field that does not fit.
 */
export function parseDiskBoard(json: string): DiskBoard {
  const fail = (message: string): never => {
    throw new LayoutError(`board file: ${message}`)
  }
  let value: Partial<Board> | null
  try {
    value = JSON.parse(json) as Partial<Board> | null
  } catch (error) {
    return fail(`is not JSON: ${(error as Error).message}`)
  }
  const { name, arch, disk } = value ?? {}
  if (typeof name !== 'string' || name === '') return fail(`'name' is ${name}, a name expected`)
  if (!ARCHES.includes(arch)) fail(`'arch' is ${arch}, one of ${ARCHES.join(', ')} expected`)
  if (!Array.isArray(disk?.partitions) || disk.partitions.length === 0)
    return fail(`'disk.partitions' is missing or empty`)
  disk.partitions.forEach((p: Partial<Partition> | null, i) => {
    if (!LABELS.includes(p?.label))
      fail(`'disk.partitions[${i}].label' is ${p?.label}, one of ${LABELS.join(', ')} expected`)
  })
  return { name, arch: arch!, disk }
}
