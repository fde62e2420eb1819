import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { board } from '../../../board/qemu-x86_64.ts'
import { memory } from '../../../image/disk/bytes.ts'
import { parseGpt, parseHead } from '../../../image/disk/gpt-parse.ts'
import {
  HEAD_BYTES,
  SECTOR,
  TAIL_BYTES,
  writeGpt,
  type Gpt,
  type GptErrorCode,
} from '../../../image/disk/gpt.ts'
import { guidBytes, guidText, seededGuid } from '../../../image/disk/guid.ts'
import { boardGpt, type DiskBoard } from '../../../image/disk/layout.ts'
import { run } from '../../../image/spawn.ts'
import { assertGolden, hexRows } from './golden.ts'
import { find, lacking } from './tools.ts'

const PART = {
  type: '0fc63daf-8483-4772-8e79-3d69d8477de4',
  guid: seededGuid('t', 'one'),
  firstLba: 2048,
  lastLba: 2099,
  attributes: 0n,
  label: 'one',
}
const SMALL: Gpt = { diskGuid: seededGuid('t', 'disk'), sectors: 2240, partitions: [PART] }

function disk(gpt: Gpt): Buffer {
  const { head, tail } = writeGpt(gpt)
  const bytes = Buffer.alloc(gpt.sectors * SECTOR)
  head.copy(bytes)
  tail.copy(bytes, bytes.length - TAIL_BYTES)
  return bytes
}

/** Recomputes a header's CRCs, so that a test reaches the check behind them. */
function seal(bytes: Buffer, header: number, entries: number): Buffer {
  bytes.writeUInt32LE(crc32(bytes.subarray(entries, entries + 128 * 128)), header + 88)
  bytes.writeUInt32LE(0, header + 16)
  bytes.writeUInt32LE(crc32(bytes.subarray(header, header + 92)), header + 16)
  return bytes
}

describe('GUIDs', () => {
  it('stores the first three fields little-endian (UEFI 2.10, appendix A)', () => {
    const esp = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b'
    assert.equal(guidBytes(esp).toString('hex'), '28732ac11ff8d211ba4b00a0c93ec93b')
    assert.equal(guidText(guidBytes(esp)), esp)
  })

  it('comes out of the seed, differs by name and seed, and is marked version 8', () => {
    const all = ['a\0b', 'a', 'b'].flatMap(s =>
      ['disk', 'esp', 'b\0disk'].map(n => seededGuid(s, n)),
    )
    assert.equal(new Set(all).size, all.length)
    for (const guid of all) assert.match(guid, /^.{14}8.{4}[89ab]/)
    assert.equal(seededGuid('s', 'disk'), seededGuid('s', 'disk'))
  })

  it('refuses text that is no GUID', () => {
    for (const text of ['', 'x', 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', '{}'])
      assert.throws(() => guidBytes(text), RangeError)
  })
})

/** Like the reference board of 2026; a board may change, the bytes made of this one may not. */
const GOLDEN: DiskBoard = {
  name: 'golden',
  arch: 'x86_64',
  disk: {
    partitions: [
      { label: 'esp', size: 128 },
      { label: 'root-a', size: 256 },
      { label: 'verity-a', size: 8 },
      { label: 'root-b', size: 256 },
      { label: 'verity-b', size: 8 },
      { label: 'data', size: 'rest' },
    ],
  },
}

describe('writing a partition table', () => {
  it('gives the golden bytes', () => {
    const { head, tail } = writeGpt(boardGpt(GOLDEN, 'golden'))
    assertGolden('disk/gpt-head.hex', hexRows(head))
    assertGolden('disk/gpt-tail.hex', hexRows(tail))
  })

  it('reads back what it wrote, with names outside ASCII and all attribute bits', () => {
    const partitions = Array.from({ length: 128 }, (_, i) => ({
      ...PART,
      guid: seededGuid('many', `${i}`),
      firstLba: 2048 + i,
      lastLba: 2048 + i,
      attributes: (1n << 63n) | BigInt(i),
      label: `${'ж'.repeat(33)}${i}`,
    }))
    const gpt = { ...SMALL, partitions }
    assert.deepEqual(parseGpt(memory(disk(gpt))), gpt)
    assert.deepEqual(parseGpt(memory(disk({ ...SMALL, partitions: [] }))).partitions, [])
  })

  const bad: [string, Partial<typeof PART>[]][] = [
    ['overlaps', [{}, { guid: seededGuid('t', '2'), firstLba: 2099, lastLba: 2100 }]],
    ['before the first usable sector', [{ firstLba: 2047 }]],
    ['behind the last usable sector', [{ lastLba: 2240 - 33 }]],
    ['ends before it starts', [{ lastLba: 2047 }]],
    ['GUID twice', [{}, { firstLba: 2150, lastLba: 2151 }]],
    ['37 characters in a name', [{ label: 'x'.repeat(37) }]],
    ['NUL in a name', [{ label: 'a\0b' }]],
    ['half a sector', [{ firstLba: 2048.5 }]],
    ['129 partitions', Array.from({ length: 129 }, () => ({}))],
  ]
  for (const [what, changes] of bad)
    it(`refuses: ${what}`, () => {
      const partitions = changes.map(change => ({ ...PART, ...change }))
      assert.throws(() => writeGpt({ ...SMALL, partitions }), { code: 'GPT_BAD_PARTITION' })
    })

  it('refuses a disk too small for any partition', () => {
    assert.throws(() => writeGpt({ ...SMALL, sectors: 2081, partitions: [] }), {
      code: 'GPT_BAD_PARTITION',
    })
  })
})

describe('parsing a partition table', () => {
  it('refuses any single flipped bit of either header and of the entries', () => {
    const good = disk(SMALL)
    const end = good.length
    const spans = [
      [SECTOR, SECTOR + 92],
      [2 * SECTOR, 2 * SECTOR + 256],
      [end - SECTOR, end - SECTOR + 92],
      [end - TAIL_BYTES, end - TAIL_BYTES + 256],
    ] as const
    for (const [from, to] of spans)
      for (let bit = from * 8; bit < to * 8; bit++) {
        good[bit >> 3]! ^= 1 << (bit & 7)
        assert.throws(() => parseGpt(memory(good)), { name: 'GptError' }, `bit ${bit}`)
        good[bit >> 3]! ^= 1 << (bit & 7)
      }
  })

  it('refuses fields that lie although their checksum is right', () => {
    const cases: [string, GptErrorCode, (b: Buffer) => void][] = [
      ['entry size 0', 'GPT_DAMAGED', b => b.writeUInt32LE(0, SECTOR + 84)],
      ['entry size 256', 'GPT_DAMAGED', b => b.writeUInt32LE(256, SECTOR + 84)],
      ['4 billion entries', 'GPT_DAMAGED', b => b.writeUInt32LE(0xffffffff, SECTOR + 80)],
      ['entries in sector 3', 'GPT_DAMAGED', b => b.writeBigUInt64LE(3n, SECTOR + 72)],
      ['last usable beyond the disk', 'GPT_DAMAGED', b => b.writeBigUInt64LE(2230n, SECTOR + 48)],
      ['first usable inside the entries', 'GPT_DAMAGED', b => b.writeBigUInt64LE(3n, SECTOR + 40)],
      ['backup in sector 2^63', 'GPT_DAMAGED', b => b.writeBigUInt64LE(1n << 63n, SECTOR + 32)],
      ['backup in sector 0', 'GPT_DAMAGED', b => b.writeBigUInt64LE(0n, SECTOR + 32)],
      ['header of 91 bytes', 'GPT_DAMAGED', b => b.writeUInt32LE(91, SECTOR + 12)],
      ['revision 2', 'GPT_DAMAGED', b => b.writeUInt32LE(0x20000, SECTOR + 8)],
      ['itself elsewhere', 'GPT_DAMAGED', b => b.writeBigUInt64LE(2n, SECTOR + 24)],
      [
        'partition to sector 2^62',
        'GPT_INCONSISTENT',
        b => b.writeBigUInt64LE(1n << 62n, 2 * SECTOR + 40),
      ],
      [
        'partition over the table',
        'GPT_INCONSISTENT',
        b => b.writeBigUInt64LE(0n, 2 * SECTOR + 32),
      ],
      [
        'another partition in the backup',
        'GPT_INCONSISTENT',
        b => b.fill(0, 2 * SECTOR, 3 * SECTOR),
      ],
      [
        'another disk GUID in the backup',
        'GPT_INCONSISTENT',
        b => b.fill(1, SECTOR + 56, SECTOR + 72),
      ],
    ]
    for (const [what, code, change] of cases) {
      const bytes = disk(SMALL)
      change(bytes)
      seal(bytes, SECTOR, 2 * SECTOR)
      assert.throws(() => parseGpt(memory(bytes)), { name: 'GptError', code }, what)
    }
  })

  it('refuses a disk that is cut off, empty, or without protective MBR', () => {
    const good = disk(SMALL)
    for (const size of [0, 511, HEAD_BYTES, good.length - SECTOR, good.length - 1])
      assert.throws(() => parseGpt(memory(good.subarray(0, size))), { name: 'GptError' })
    assert.throws(() => parseGpt(memory(Buffer.alloc(good.length))), { code: 'GPT_NOT_FOUND' })
    const noMbr = Buffer.from(good).fill(0, 0, SECTOR)
    assert.throws(() => parseGpt(memory(noMbr)), { code: 'GPT_NOT_FOUND' })
    assert.throws(() => parseHead(good.subarray(0, 600)), { code: 'GPT_NOT_FOUND' })
  })

  it('accepts a disk that is larger than the table says', () => {
    assert.deepEqual(parseGpt(memory(Buffer.concat([disk(SMALL), Buffer.alloc(4096)]))), SMALL)
  })

  it('survives 2,000 random changes without any other error', () => {
    const bytes = disk(SMALL)
    const good = Buffer.from(bytes.subarray(0, 3 * SECTOR))
    let state = 1
    const random = (n: number) => (state = (state * 48271) % 0x7fffffff) % n
    for (let round = 0; round < 2000; round++) {
      good.copy(bytes)
      for (let i = 0; i <= random(4); i++) bytes[SECTOR + random(92)] = random(256)
      if (random(2)) bytes[2 * SECTOR + random(128)] = random(256)
      seal(bytes, SECTOR, 2 * SECTOR)
      try {
        parseGpt(memory(bytes))
      } catch (error) {
        assert.equal((error as Error).name, 'GptError', String(error))
      }
    }
  })
})

describe('judges of the partition table', () => {
  let folder: string
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'gpt-'))))
  after(() => rmSync(folder, { recursive: true }))

  it('sgdisk finds no problem', { skip: lacking('sgdisk') }, async () => {
    const file = join(folder, 'disk')
    const { head, tail } = writeGpt(boardGpt(board, 'judge'))
    const bytes = boardGpt(board, 'judge').sectors * SECTOR
    writeFileSync(file, head)
    truncateSync(file, bytes - TAIL_BYTES)
    writeFileSync(file, tail, { flag: 'a' })
    const { stdout } = await run(find('sgdisk')!, ['-v', file])
    assert.match(stdout.toString(), /No problems found/)
  })

  it('sfdisk reads the same partitions', { skip: lacking('sfdisk') }, async () => {
    const file = join(folder, 'disk')
    const gpt = boardGpt(board, 'judge')
    const { head, tail } = writeGpt(gpt)
    writeFileSync(file, head)
    truncateSync(file, gpt.sectors * SECTOR - TAIL_BYTES)
    writeFileSync(file, tail, { flag: 'a' })
    const { stdout } = await run(find('sfdisk')!, ['--json', file])
    const table = JSON.parse(stdout.toString()).partitiontable
    assert.equal(table.id.toLowerCase(), gpt.diskGuid)
    assert.deepEqual(
      table.partitions.map((p: Record<string, string | number>) => [
        p['name'],
        p['start'],
        p['size'],
        String(p['type']).toLowerCase(),
        String(p['uuid']).toLowerCase(),
      ]),
      gpt.partitions.map(p => [p.label, p.firstLba, p.lastLba + 1 - p.firstLba, p.type, p.guid]),
    )
  })
})
