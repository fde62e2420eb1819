/** What is refused in boards, before anything is built for them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Board, Partition } from '../../../board/board.ts'
import { board } from '../../../board/qemu-x86_64.ts'
import { checkBoard } from '../../../image/recipe/check-board.ts'

const FILE = 'board/qemu-x86_64.ts'

/** A deep copy of the reference board, changed. */
function changed(change: (copy: { -readonly [K in keyof Board]: any }) => void): unknown {
  const copy = structuredClone(board) as { -readonly [K in keyof Board]: any }
  change(copy)
  return copy
}
const partitions = (change: (list: { label: string; size: number | string }[]) => void) =>
  changed(copy => change(copy.disk.partitions))

const REFUSED: [string, unknown, string, RegExp][] = [
  [
    'rest that is not last',
    partitions(list => list.unshift(list.pop()!)),
    'BOARD_PARTITIONS',
    /\[0\] data takes the rest and overlaps esp: put it last/,
  ],
  [
    'two that take the rest',
    partitions(list => (list[4]!.size = 'rest')),
    'BOARD_PARTITIONS',
    /\[4\] verity-b takes the rest and overlaps data/,
  ],
  [
    'a label twice',
    partitions(list => (list[3]!.label = 'root-a')),
    'BOARD_PARTITIONS',
    /\[3\]\.label root-a overlaps an earlier one/,
  ],
  [
    'slots of unequal size',
    partitions(list => (list[3]!.size = 300)),
    'BOARD_PARTITIONS',
    /root-a and root-b differ in size/,
  ],
  [
    'hashes of unequal size',
    partitions(list => (list[4]!.size = 9)),
    'BOARD_PARTITIONS',
    /verity-a and verity-b differ/,
  ],
  ['no data', partitions(list => list.pop()), 'BOARD_PARTITIONS', /has no data/],
  ['no ESP', partitions(list => list.shift()), 'BOARD_PARTITIONS', /has no esp/],
  ['no partitions', partitions(list => list.splice(0)), 'BOARD_PARTITIONS', /has no esp/],
  [
    'an unknown label',
    partitions(list => (list[0]!.label = 'boot')),
    'BOARD_PARTITIONS',
    /\[0\]\.label is boot, expected one of esp, root-a/,
  ],
  [
    'an unknown field of a partition',
    partitions(list => Object.assign(list[0]!, { offset: 1 })),
    'BOARD_PARTITIONS',
    /\[0\] has the unknown field `offset`; known are label, size/,
  ],
  ...[0, -1, 1.5, NaN, '128', 'all', null].map((size): [string, unknown, string, RegExp] => [
    `a size of ${JSON.stringify(size)}`,
    partitions(list => (list[0]!.size = size as number)),
    'BOARD_PARTITIONS',
    /\[0\]\.size is .*, expected MiB or 'rest'/,
  ]),
  [
    'partitions that are no list',
    changed(copy => (copy.disk.partitions = {})),
    'BOARD_PARTITIONS',
    /disk\.partitions is not a list/,
  ],
  [
    'a partition that is nothing',
    changed(copy => (copy.disk.partitions[0] = null)),
    'BOARD_PARTITIONS',
    /\[0\]\.label is undefined/,
  ],
  [
    'a disk that is too small',
    changed(copy => (copy.qemu.diskMiB = 720)),
    'BOARD_DISK',
    /qemu\.diskMiB is 720, expected at least 722: the partitions take 658 and data needs 64/,
  ],
  [
    'an unknown field',
    changed(copy => Object.assign(copy, { kernal: 1 })),
    'BOARD_FIELD',
    /unknown field `kernal`, did you mean `kernel`\?/,
  ],
  [
    'an unknown field inside',
    changed(copy => (copy.kernel.cmdLine = [])),
    'BOARD_FIELD',
    /unknown field `kernel\.cmdLine`, did you mean `cmdline`\?/,
  ],
  [
    'a field of all objects',
    changed(copy => Object.assign(copy.qemu, { constructor: 1 })),
    'BOARD_FIELD',
    /unknown field `qemu\.constructor`/,
  ],
  [
    'no kernel',
    changed(copy => (copy.kernel = undefined)),
    'BOARD_FIELD',
    /kernel is undefined, expected \{ recipe, cmdline/,
  ],
  [
    'another architecture',
    changed(copy => (copy.arch = 'riscv64')),
    'BOARD_FIELD',
    /arch is "riscv64", expected x86_64 or aarch64/,
  ],
  [
    'another firmware',
    changed(copy => (copy.boot = 'bios')),
    'BOARD_FIELD',
    /boot is "bios", expected uefi/,
  ],
  [
    'a command line as text',
    changed(copy => (copy.kernel.cmdline = 'quiet')),
    'BOARD_FIELD',
    /kernel\.cmdline is "quiet", expected a list of texts/,
  ],
  [
    'no memory',
    changed(copy => (copy.qemu.memoryMiB = 0)),
    'BOARD_FIELD',
    /qemu\.memoryMiB is 0, expected a number above 0/,
  ],
  [
    'memory as text',
    changed(copy => (copy.qemu.memoryMiB = '1G')),
    'BOARD_FIELD',
    /qemu\.memoryMiB is "1G"/,
  ],
  [
    'an empty about',
    changed(copy => (copy.about = '')),
    'BOARD_FIELD',
    /about is "", expected a text/,
  ],
  [
    'another TPM',
    changed(copy => (copy.qemu.tpm = 'spi')),
    'BOARD_FIELD',
    /qemu\.tpm is "spi", expected tpm-crb or/,
  ],
  [
    "another board's name",
    changed(copy => (copy.name = 'pc')),
    'BOARD_FIELD',
    /name is pc, expected the file's own name, qemu-x86_64/,
  ],
  ...[
    '10.77.0.1',
    '10.77.0.1/33',
    '10.77.0.1/7',
    '10.77.0.256/24',
    '10.77.0.1/24/1',
    '::1/64',
    '',
  ].map((lan): [string, unknown, string, RegExp] => [
    `the LAN ${JSON.stringify(lan)}`,
    changed(copy => (copy.network.lan = lan)),
    'BOARD_FIELD',
    /network\.lan is .*, expected/,
  ]),
  ['nothing at all', undefined, 'BOARD_FIELD', /board is undefined, expected \{ name, about/],
  ['null', null, 'BOARD_FIELD', /board is null/],
]

describe('a board', () => {
  it('that fits is given back', () => {
    assert.equal(checkBoard(board, FILE), board)
  })

  it('may be just large enough', () => {
    const small = changed(copy => (copy.qemu.diskMiB = 722)) as Board
    assert.equal(checkBoard(small, FILE).qemu.diskMiB, 722)
    const sum = small.disk.partitions.reduce(
      (n, p: Partition) => n + (p.size === 'rest' ? 0 : p.size),
      0,
    )
    assert.equal(sum, 656)
  })

  for (const [what, value, code, message] of REFUSED)
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => checkBoard(value, FILE),
        (error: Error & { code: string }) => {
          assert.equal(error.code, code, error.message)
          assert.match(error.message, message)
          assert.ok(error.message.startsWith(FILE), error.message)
          return true
        },
      )
    })
})
