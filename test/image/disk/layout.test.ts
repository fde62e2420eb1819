import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Board, Partition } from '../../../board/board.ts'
import { board } from '../../../board/qemu-x86_64.ts'
import { SECTOR } from '../../../image/disk/gpt.ts'
import { boardGpt, MIB, parseDiskBoard, PARTITION_TYPES } from '../../../image/disk/layout.ts'

const withPartitions = (...partitions: Partition[]) => ({ ...board, disk: { partitions } })

describe('layout of a board', () => {
  it('aligns every partition to 1 MiB and leaves out the one that takes the rest', () => {
    const gpt = boardGpt(board, 's')
    assert.deepEqual(
      gpt.partitions.map(p => p.label),
      ['esp', 'root-a', 'verity-a', 'root-b', 'verity-b'],
    )
    for (const p of gpt.partitions) assert.equal((p.firstLba * SECTOR) % MIB, 0)
    const fixed = board.disk.partitions.reduce((n, p) => n + (p.size === 'rest' ? 0 : p.size), 0)
    assert.equal(gpt.sectors * SECTOR, (fixed + 2) * MIB)
  })

  it('gives each architecture its own types, so that no board boots the root of another', () => {
    const types = (arch: Board['arch']) =>
      boardGpt({ ...board, arch }, 's').partitions.map(p => p.type)
    assert.equal(types('x86_64')[1], PARTITION_TYPES['root-x86_64'])
    assert.equal(types('aarch64')[2], PARTITION_TYPES['verity-aarch64'])
    assert.equal(types('aarch64')[0], types('x86_64')[0])
    assert.notEqual(types('aarch64')[1], types('x86_64')[1])
  })

  it('names board and partition of what does not fit', () => {
    const cases: [RegExp, Partition[]][] = [
      [/qemu-x86_64, partition esp: size is 0, /, [{ label: 'esp', size: 0 }]],
      [/size is 1.5/, [{ label: 'esp', size: 1.5 }]],
      [
        /twice/,
        [
          { label: 'esp', size: 1 },
          { label: 'esp', size: 1 },
        ],
      ],
      [
        /stands behind data/,
        [
          { label: 'data', size: 'rest' },
          { label: 'esp', size: 1 },
        ],
      ],
    ]
    for (const [message, partitions] of cases)
      assert.throws(() => boardGpt(withPartitions(...partitions), 's'), {
        code: 'LAYOUT_BAD_BOARD',
        message,
      })
  })

  it('reads a board from JSON and names the field that is wrong', () => {
    assert.deepEqual(parseDiskBoard(JSON.stringify(board)).disk, board.disk)
    const cases: [RegExp, string][] = [
      [/is not JSON/, '{'],
      [/'name'/, 'null'],
      [/'arch' is riscv/, '{"name":"x","arch":"riscv"}'],
      [/'disk.partitions'/, '{"name":"x","arch":"x86_64"}'],
      [
        /partitions\[0\].label' is swap/,
        '{"name":"x","arch":"x86_64","disk":{"partitions":[{"label":"swap"}]}}',
      ],
      [/partitions\[0\].label'/, '{"name":"x","arch":"x86_64","disk":{"partitions":[null]}}'],
    ]
    for (const [message, json] of cases)
      assert.throws(() => parseDiskBoard(json), { code: 'LAYOUT_BAD_BOARD', message })
  })
})
