import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memory } from '../../../image/disk/bytes.ts'
import { fatRanges } from '../../../image/disk/fat.ts'
import { FAT, fat32, FAT_DATA_AT } from './volume.ts'

const at = (cluster: number) => FAT_DATA_AT + (cluster - 2) * 512

describe('used ranges of a FAT32 volume', () => {
  it('are the tables and the clusters in use, touching ones joined', () => {
    const last = FAT.clusters + 1
    assert.deepEqual(fatRanges(memory(fat32([2, 3, 7, 8, 100, last]))), [
      [0, at(4)],
      [at(7), at(9)],
      [at(100), at(101)],
      [at(last), at(last + 1)],
    ])
  })

  it('count a cluster as used whatever the top four bits say, which are reserved', () => {
    const volume = fat32([])
    volume.writeUInt32LE(0xf0000000, FAT.reserved * 512 + 50 * 4)
    assert.deepEqual(fatRanges(memory(volume)), [[0, FAT_DATA_AT]])
    volume.writeUInt32LE(0x00000001, FAT.reserved * 512 + 50 * 4)
    assert.deepEqual(fatRanges(memory(volume)).at(-1), [at(50), at(51)])
  })

  it('refuse boot sectors that lie', () => {
    const cases: [string, (b: Buffer) => unknown][] = [
      ['no signature', b => b.writeUInt16LE(0, 510)],
      ['sectors of 0', b => b.writeUInt16LE(0, 11)],
      ['sectors of 1000', b => b.writeUInt16LE(1000, 11)],
      ['0 sectors per cluster', b => (b[13] = 0)],
      ['3 sectors per cluster', b => (b[13] = 3)],
      ['no tables', b => (b[16] = 0)],
      ['FAT16', b => b.writeUInt16LE(8, 22)],
      ['tables of 0 sectors', b => b.writeUInt32LE(0, 36)],
      ['tables beyond the volume', b => b.writeUInt32LE(0xffffffff, 36)],
      ['more sectors than there are', b => b.writeUInt32LE(0xffffffff, 32)],
      ['tables too small for the clusters', b => b.writeUInt32LE(1, 36)],
    ]
    for (const [what, change] of cases) {
      const volume = fat32([2])
      change(volume)
      assert.throws(() => fatRanges(memory(volume)), { code: 'FAT_NOT_FAT32' }, what)
    }
    assert.throws(() => fatRanges(memory(Buffer.alloc(511))), { code: 'FAT_NOT_FAT32' })
  })
})
