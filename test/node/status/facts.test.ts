/** Facts read from small files, and what strange files make of them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readMemory } from '../../../node/status/memory.ts'
import { readName } from '../../../node/status/name.ts'
import { readSlot } from '../../../node/status/slot.ts'
import { readTpm } from '../../../node/status/tpm.ts'
import { readUptime } from '../../../node/status/uptime.ts'
import { readVerity } from '../../../node/status/verity.ts'
import { makeRoot, ROUTER } from '../machine.ts'

/** Checks what `read` makes of each text in the file at `path`; undefined means no file. */
function table(
  path: string,
  read: (root: string) => unknown,
  rows: readonly (readonly [string | undefined, unknown])[],
): void {
  for (const [text, expected] of rows)
    assert.deepEqual(read(makeRoot(text === undefined ? {} : { [path]: text })), expected, text)
}

describe('slot', () => {
  it('is a or b, and unknown when the boot wrote anything else', () => {
    table('run/blocktree/slot', readSlot, [
      ['a\n', 'a'],
      ['b', 'b'],
      [undefined, 'unknown'],
      ['', 'unknown'],
      ['c\n', 'unknown'],
      ['A\n', 'unknown'],
      ['a b\n', 'unknown'],
      ['a\0', 'unknown'],
      ['<b>\n', 'unknown'],
    ])
  })
})

describe('uptime', () => {
  it('is whole seconds, and absent when the file is strange', () => {
    table('proc/uptime', readUptime, [
      ['12.99 3.00\n', 12],
      ['0.00 0.00\n', 0],
      ['350735.47 234388.90\n', 350735],
      [undefined, undefined],
      ['', undefined],
      ['-5.00 1.00\n', undefined],
      ['1e9 1\n', undefined],
      [`${'9'.repeat(40)} 1\n`, undefined],
      ['NaN 1\n', undefined],
    ])
  })
})

describe('memory', () => {
  const text = (total: string, available: string) =>
    `MemTotal:  ${total} kB\nMemFree:  1 kB\nMemAvailable:  ${available} kB\n`

  it('is counted in bytes', () => {
    const root = makeRoot({ 'proc/meminfo': text('1000', '400') })
    assert.deepEqual(readMemory(root), { total: 1_024_000, available: 409_600 })
  })

  it('is absent when a line is missing, strange or impossible', () => {
    table('proc/meminfo', readMemory, [
      [undefined, undefined],
      ['MemTotal: 1000 kB\n', undefined],
      [text('1000', '2000'), undefined],
      [text('-1', '0'), undefined],
      [text('1000 MB', '1'), undefined],
      [text('9'.repeat(30), '1'), undefined],
    ])
  })
})

describe('TPM', () => {
  it('is told by version', () => {
    table('sys/class/tpm/tpm0/tpm_version_major', readTpm, [
      ['2\n', { present: true, version: '2.0' }],
      ['1\n', { present: true, version: '1.2' }],
      ['22\n', { present: true, version: 'unknown' }],
      ['', { present: true, version: 'unknown' }],
      [undefined, { present: false }],
    ])
  })

  it('is not seen in names that are none of a chip', () => {
    for (const name of ['tpmrm0', 'tpm', 'tpm0x', 'tpm9999'])
      assert.deepEqual(readTpm(makeRoot({ [`sys/class/tpm/${name}/x`]: '' })), { present: false })
  })
})

describe('host name', () => {
  it('is lower case, and localhost when no web address could carry it', () => {
    table('proc/sys/kernel/hostname', readName, [
      ['blocktree-7c1e\n', 'blocktree-7c1e'],
      ['Router\n', 'router'],
      ['a.home.arpa\n', 'a.home.arpa'],
      ['(none)\n', 'localhost'],
      [undefined, 'localhost'],
      ['-a\n', 'localhost'],
      ['a b\n', 'localhost'],
      ['a/../b\n', 'localhost'],
      ['\u{e9}t\u{e9}\n', 'localhost'],
      [`${'a'.repeat(64)}\n`, 'localhost'],
    ])
  })
})

describe('verity', () => {
  const mountinfo = ROUTER['proc/self/mountinfo']!
  const uuid = 'sys/dev/block/254:0/dm/uuid'

  it('is on when device mapper calls the root a verity device', () => {
    assert.equal(readVerity(makeRoot(ROUTER)), 'on')
  })

  it('is off for a plain disk, another mapping, or a verity device that is not the root', () => {
    const lines = (text: string) => ({ ...ROUTER, 'proc/self/mountinfo': text })
    assert.equal(readVerity(makeRoot({ 'proc/self/mountinfo': mountinfo })), 'off')
    assert.equal(
      readVerity(makeRoot({ ...ROUTER, [uuid]: 'CRYPT-LUKS2-ab-CRYPT-VERITY-\n' })),
      'off',
    )
    assert.equal(readVerity(makeRoot(lines('22 1 8:2 / / rw - ext4 /dev/sda2 rw\n'))), 'off')
    assert.equal(
      readVerity(makeRoot(lines(mountinfo + '40 22 0:40 / / rw - overlay o rw\n'))),
      'off',
    )
  })

  it('is unknown when mountinfo tells no root', () => {
    for (const text of [
      '',
      '22 1 254:0 / /usr ro',
      '22 1 254/../0:1 / / ro',
      '22 1 x:y / / ro',
      '\n\n',
    ])
      assert.equal(
        readVerity(makeRoot({ ...ROUTER, 'proc/self/mountinfo': text })),
        'unknown',
        text,
      )
    assert.equal(readVerity(makeRoot({})), 'unknown')
  })
})
