import assert from 'node:assert/strict'
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Partition } from '../../../board/board.ts'
import { assembleDisk } from '../../../image/disk/assemble.ts'
import { writeBmap } from '../../../image/disk/bmap.ts'
import { memory, writeAt } from '../../../image/disk/bytes.ts'
import { parseGpt } from '../../../image/disk/gpt-parse.ts'
import { SECTOR } from '../../../image/disk/gpt.ts'
import { boardGpt, MIB, type DiskBoard } from '../../../image/disk/layout.ts'
import { sha256 } from '../../../image/engine/digest.ts'
import { run } from '../../../image/spawn.ts'
import { find, lacking } from './tools.ts'
import { fat32, slot } from './volume.ts'

const BOARD: DiskBoard = {
  name: 'small',
  arch: 'x86_64',
  disk: {
    partitions: [
      { label: 'esp', size: 1 },
      { label: 'root-a', size: 2 },
      { label: 'verity-a', size: 1 },
      { label: 'root-b', size: 2 },
      { label: 'verity-b', size: 1 },
      { label: 'data', size: 'rest' },
    ],
  },
}

describe('putting a disk together', () => {
  let folder: string
  const at = (name: string) => join(folder, name)
  const a = slot(301)
  const esp = fat32([2, 3, 40])
  const contents = () =>
    new Map<Partition['label'], string>([
      ['esp', at('esp')],
      ['root-a', at('root')],
      ['verity-a', at('verity')],
    ])
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'disk-'))
    writeFileSync(at('esp'), esp)
    writeFileSync(at('root'), a.root)
    writeFileSync(at('verity'), a.verity)
  })
  after(() => rmSync(folder, { recursive: true }))

  it('puts every file where the partition table says, as a sparse file', () => {
    assembleDisk(BOARD, contents(), 's', at('out'))
    const image = readFileSync(at('out'))
    const gpt = parseGpt(memory(image))
    assert.deepEqual(gpt, boardGpt(BOARD, 's'))
    assert.equal(image.length, 9 * MIB)
    for (const [i, data] of [esp, a.root, a.verity].entries()) {
      const start = gpt.partitions[i]!.firstLba * SECTOR
      assert.ok(image.subarray(start, start + data.length).equals(data), gpt.partitions[i]!.label)
    }
    assert.ok(statSync(at('out')).blocks * 512 < image.length / 2, 'holes expected')
    assert.ok(!readdirSync(folder).includes('out.part'))
  })

  it('maps what matters, zeros of a root included, and nothing else', () => {
    const bmap = assembleDisk(BOARD, contents(), 's', at('out'))
    const image = readFileSync(at('out'))
    assert.equal(bmap.sha256, sha256(image))
    // A disk full of rubbish gets the mapped ranges only; what matters must read the same.
    const disk = Buffer.alloc(image.length, 0x5a)
    for (const { start, end } of bmap.ranges) image.copy(disk, start, start, end)
    const gpt = parseGpt(memory(disk))
    const part = (label: string) => {
      const p = gpt.partitions.find(p => p.label === label)!
      return disk.subarray(p.firstLba * SECTOR, (p.lastLba + 1) * SECTOR)
    }
    assert.ok(part('root-a').subarray(0, a.root.length).equals(a.root))
    assert.equal(part('root-a')[a.root.length], 0x5a)
    assert.ok(part('verity-a').subarray(0, a.verity.length).equals(a.verity))
    // An old file system in the empty slot must not show through.
    assert.ok(
      part('root-b')
        .subarray(0, MIB)
        .every(byte => byte === 0),
    )
    const mapped = bmap.ranges.reduce((n, r) => n + r.end - r.start, 0)
    assert.ok(mapped < a.root.length + a.verity.length + 2.2 * MIB, `${mapped} bytes mapped`)
  })

  it('gives the same bytes again, and others for another seed', () => {
    const first = writeBmap(assembleDisk(BOARD, contents(), 's', at('one')))
    assert.equal(writeBmap(assembleDisk(BOARD, contents(), 's', at('two'))), first)
    assert.ok(readFileSync(at('one')).equals(readFileSync(at('two'))))
    assembleDisk(BOARD, contents(), 'other', at('two'))
    assert.ok(!readFileSync(at('one')).equals(readFileSync(at('two'))))
  })

  it('takes a file that just fits and refuses one byte more, naming all of it', () => {
    const fd = openSync(at('big'), 'w')
    ftruncateSync(fd, 2 * MIB)
    writeAt(fd, Buffer.from('end'), 2 * MIB - 3)
    assembleDisk(BOARD, new Map([['root-b', at('big')]]), 's', at('fits'))
    assert.equal(readFileSync(at('fits')).toString('latin1', 7 * MIB - 3, 7 * MIB), 'end')
    ftruncateSync(fd, 2 * MIB + 1)
    closeSync(fd)
    const before = readFileSync(at('one'))
    assert.throws(() => assembleDisk(BOARD, new Map([['root-b', at('big')]]), 's', at('one')), {
      code: 'DISK_TOO_LARGE',
      message:
        /board small, partition root-b: .*big is 2097153 bytes .*at most 2097152 .*board\/small.ts/,
    })
    assert.ok(readFileSync(at('one')).equals(before), 'a refused image leaves the old one')
  })

  it('refuses a partition that the board does not have', () => {
    const board = { ...BOARD, disk: { partitions: BOARD.disk.partitions.slice(0, 3) } }
    assert.throws(() => assembleDisk(board, new Map([['root-b', at('root')]]), 's', at('x')), {
      code: 'DISK_NO_PARTITION',
      message: /no partition root-b .* it has esp, root-a, verity-a$/,
    })
  })

  it(
    'bmaptool copies by the map and agrees with every checksum',
    { skip: lacking('bmaptool') },
    async () => {
      const bmap = assembleDisk(BOARD, contents(), 's', at('judged'))
      writeFileSync(at('judged.bmap'), writeBmap(bmap))
      writeFileSync(at('copy'), '')
      await run(find('bmaptool')!, ['copy', '--bmap', at('judged.bmap'), at('judged'), at('copy')])
      for (const { start, end } of bmap.ranges)
        assert.ok(
          readFileSync(at('copy'))
            .subarray(start, end)
            .equals(readFileSync(at('judged')).subarray(start, end)),
        )
    },
  )
})
