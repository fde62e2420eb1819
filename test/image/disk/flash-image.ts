/** Small images to flash: a whole disk of 8 MiB with ESP and one slot, as raw file or packed. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import type { Partition } from '../../../board/board.ts'
import { assembleDisk } from '../../../image/disk/assemble.ts'
import { writeBmap, type Bmap } from '../../../image/disk/bmap.ts'
import type { DiskBoard } from '../../../image/disk/layout.ts'
import { fat32, slot } from './volume.ts'

export const BOARD: DiskBoard = {
  name: 'small',
  arch: 'x86_64',
  disk: {
    partitions: [
      { label: 'esp', size: 1 },
      { label: 'root-a', size: 3 },
      { label: 'verity-a', size: 1 },
      { label: 'root-b', size: 1 },
      { label: 'data', size: 'rest' },
    ],
  },
}

export type SmallImage = { readonly path: string; readonly bytes: Buffer; readonly bmap: Bmap }

/** Writes `NAME` (raw) and `NAME.zst` to a folder; no block map. */
export function smallImage(folder: string, name: string): SmallImage {
  const { root, verity } = slot(500)
  const contents = new Map<Partition['label'], string>()
  for (const [label, data] of [
    ['esp', fat32([2, 3, 9])],
    ['root-a', root],
    ['verity-a', verity],
  ] as const) {
    contents.set(label, join(folder, `${name}.${label}`))
    writeFileSync(join(folder, `${name}.${label}`), data)
  }
  const path = join(folder, name)
  const bmap = assembleDisk(BOARD, contents, 'flash', path)
  const bytes = readFileSync(path)
  writeFileSync(`${path}.zst`, zstdCompressSync(bytes))
  return { path, bytes, bmap }
}

export function addBmap({ path, bmap }: SmallImage): void {
  writeFileSync(`${path}.bmap`, writeBmap(bmap))
}
