/** Small stand-ins for what goes on a disk: a FAT32 volume by hand, and a slot with its verity. */
import { memory } from '../../../image/disk/bytes.ts'
import { verityFormat } from '../../../image/disk/verity.ts'

export const FAT = { reserved: 32, tableSectors: 8, clusters: 1000 }
/** Where cluster 2 begins in {@link fat32}. */
export const FAT_DATA_AT = (FAT.reserved + 2 * FAT.tableSectors) * 512

/**
 * A FAT32 volume of 512-byte clusters with two tables, in which the given clusters are in use and
 * filled with their number; free ones are filled with FF, as if something had been deleted there.
 */
export function fat32(used: readonly number[]): Buffer {
  const volume = Buffer.alloc(FAT_DATA_AT + FAT.clusters * 512, 0xff).fill(0, 0, FAT_DATA_AT)
  volume.set([0xeb, 0x58, 0x90], 0)
  volume.writeUInt16LE(512, 11)
  volume[13] = 1
  volume.writeUInt16LE(FAT.reserved, 14)
  volume[16] = 2
  volume.writeUInt32LE(volume.length / 512, 32)
  volume.writeUInt32LE(FAT.tableSectors, 36)
  volume.writeUInt32LE(2, 44)
  volume.writeUInt16LE(0xaa55, 510)
  for (const table of [0, 1])
    for (const n of [0, 1, ...used])
      volume.writeUInt32LE(0x0fffffff, (FAT.reserved + table * FAT.tableSectors) * 512 + n * 4)
  for (const n of used)
    volume.fill(n & 0xff, FAT_DATA_AT + (n - 2) * 512, FAT_DATA_AT + (n - 1) * 512)
  return volume
}

/** A root of so many blocks, every third of them zeros, and its hash device. */
export function slot(blocks: number, salt = 'aa'): { root: Buffer; verity: Buffer } {
  const root = Buffer.alloc(blocks * 4096)
  for (let i = 0; i < blocks; i++)
    if (i % 3 !== 2) root.fill((i % 255) + 1, i * 4096, (i + 1) * 4096)
  const { device } = verityFormat(memory(root), {
    salt: Buffer.from(salt, 'hex'),
    uuid: '00000000-0000-8000-8000-000000000001',
  })
  return { root, verity: device }
}
