import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memory } from '../../../image/disk/bytes.ts'
import { SECTOR, writeGpt, type GptPartition } from '../../../image/disk/gpt.ts'
import { boardGpt, MIB, type DiskBoard } from '../../../image/disk/layout.ts'
import { imageRanges } from '../../../image/disk/map.ts'
import { fat32, slot } from './volume.ts'

const BOARD: DiskBoard = {
  name: 'map',
  arch: 'x86_64',
  disk: {
    partitions: [
      { label: 'esp', size: 1 },
      { label: 'root-a', size: 3 },
      { label: 'verity-a', size: 1 },
    ],
  },
}
const GPT = boardGpt(BOARD, 's')
const [ESP, ROOT, VERITY] = GPT.partitions as [GptPartition, GptPartition, GptPartition]
const { root, verity } = slot(300)

function image(parts: readonly (readonly [GptPartition, Buffer])[]): Buffer {
  const bytes = Buffer.alloc(GPT.sectors * SECTOR)
  const { head, tail } = writeGpt(GPT)
  head.copy(bytes)
  tail.copy(bytes, bytes.length - tail.length)
  for (const [p, data] of parts) data.copy(bytes, p.firstLba * SECTOR)
  return bytes
}

/** Ranges without those of the two partition tables, in MiB. */
function ranges(parts: readonly (readonly [GptPartition, Buffer])[]): [number, number][] {
  const all = imageRanges(memory(image(parts)), GPT)
  assert.deepEqual(all[0], [0, 5 * 4096])
  assert.deepEqual(all.at(-1), [7 * MIB - 5 * 4096, 7 * MIB - 0])
  return all.slice(1, -1).map(([from, to]) => [from / MIB, to / MIB])
}

describe('map of an image', () => {
  it('takes of a slot what its verity covers', () => {
    const found = ranges([
      [ROOT, root],
      [VERITY, verity],
    ])
    const blocks = (n: number) => (n * 4096) / MIB
    assert.deepEqual(found, [
      // The empty ESP: its first MiB, which is all of it, joined with the root.
      [1, 2 + blocks(300)],
      [5, 5 + blocks(1 + 1 + 3)],
    ])
  })

  it('takes all of a partition that it does not understand', () => {
    const strange = Buffer.alloc(4096, 1)
    assert.deepEqual(
      ranges([
        [ROOT, strange],
        [VERITY, strange],
      ]),
      [[1, 6]],
    )
  })

  it('takes the first MiB of empty ones', () => {
    assert.deepEqual(ranges([]), [
      [1, 3],
      [5, 6],
    ])
  })

  it('takes of the ESP what its table calls used', () => {
    const found = ranges([
      [ESP, fat32([2, 900])],
      [ROOT, root],
      [VERITY, verity],
    ])
    assert.equal(found[0]![0], 1)
    assert.ok(found[0]![1] < 1.1)
    assert.ok(found.some(([from]) => from > 1.4 && from < 1.5))
  })

  it('is not fooled by a superblock that covers more than the partition', () => {
    const liar = Buffer.from(verity)
    liar.writeBigUInt64LE(1n << 30n, 72)
    assert.deepEqual(
      ranges([
        [ROOT, root],
        [VERITY, liar],
      ]),
      [[1, 6]],
    )
  })

  it('refuses an ESP that is not FAT32', () => {
    assert.throws(() => ranges([[ESP, Buffer.alloc(512, 1)]]), { code: 'FAT_NOT_FAT32' })
  })
})
