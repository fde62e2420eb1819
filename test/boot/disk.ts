/** Changes raw disks behind a machine's back, by the labels of their partitions. */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Partition } from '../../board/board.ts'
import { opened, writeAt } from '../../image/disk/bytes.ts'
import { parseHead } from '../../image/disk/gpt-parse.ts'
import { HEAD_BYTES, SECTOR } from '../../image/disk/gpt.ts'
import { run } from '../../image/spawn.ts'
import type { Bootable } from './built.ts'

type Label = Partition['label']

/** Where a partition lies, in bytes. */
export function partitionAt(disk: string, label: Label): { start: number; size: number } {
  return onDisk(disk, fd => locate(fd, label))
}

/** Flips the lowest bit of the byte at `offset` of a partition. */
export function flipByte(disk: string, label: Label, offset: number): void {
  onDisk(disk, fd => {
    const { start, size } = locate(fd, label)
    if (offset >= size) throw new RangeError(`${label} has ${size} bytes, not ${offset}`)
    const byte = opened(fd).read(start + offset, 1)
    byte[0]! ^= 1
    writeAt(fd, byte, start + offset)
  })
}

/** Writes a file to the start of a partition. */
export function writePartition(disk: string, label: Label, file: string): void {
  onDisk(disk, fd => {
    const { start, size } = locate(fd, label)
    const data = readFileSync(file)
    if (data.length > size) throw new RangeError(`${file} does not fit into ${label}`)
    writeAt(fd, data, start)
  })
}

/** Puts a release into slot b and on the ESP, as an update that was found good would have. */
export async function installInB(disk: string, release: Bootable, mtools: string): Promise<void> {
  writePartition(disk, 'root-b', join(release.folder, 'root.erofs'))
  writePartition(disk, 'verity-b', join(release.folder, 'root.verity'))
  const { start } = partitionAt(disk, 'esp')
  const name = `::EFI/Linux/blocktree_${release.version}.efi`
  const uki = join(release.folder, 'blocktree.efi')
  await run(join(mtools, 'mcopy'), ['-i', `${disk}@@${start}`, uki, name])
}

function locate(fd: number, label: Label): { start: number; size: number } {
  const { partitions } = parseHead(opened(fd).read(0, HEAD_BYTES))
  const found = partitions.find(partition => partition.label === label)
  if (!found) throw new RangeError(`the disk has no partition ${label}`)
  const { firstLba, lastLba } = found
  return { start: firstLba * SECTOR, size: (lastLba + 1 - firstLba) * SECTOR }
}

function onDisk<T>(disk: string, use: (fd: number) => T): T {
  const fd = openSync(disk, 'r+')
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}
