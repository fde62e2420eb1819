import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeCpio, type CpioEntry } from '../../../image/disk/cpio.ts'
import { run } from '../../../image/spawn.ts'
import { assertGolden, hexRows } from './golden.ts'
import { find, lacking } from './tools.ts'

const TREE: CpioEntry[] = [
  { path: 'init', mode: 0o100755, data: Buffer.from('#!/bin/sh\n') },
  { path: 'dev', mode: 0o040755 },
  { path: 'dev/console', mode: 0o020600, device: [5, 1] },
  { path: 'lib', mode: 0o120777, data: Buffer.from('usr/lib') },
  { path: 'usr', mode: 0o040755 },
  { path: 'usr/lib', mode: 0o040755 },
  { path: 'usr/lib/ö', mode: 0o100644, data: Buffer.from('abcde') },
  { path: 'usr/lib.d', mode: 0o040755 },
]

describe('cpio', () => {
  it('gives the golden bytes', () => {
    assertGolden('disk/initrd-cpio.hex', hexRows(writeCpio(TREE, 1700000000)))
  })

  it('does not care for the order it is given', () => {
    assert.deepEqual(writeCpio(TREE.toReversed(), 7), writeCpio(TREE, 7))
  })

  it('starts every header at a multiple of 4 (initramfs buffer format)', () => {
    for (let n = 0; n < 9; n++) {
      const entry = { path: 'x'.repeat(n + 1), mode: 0o100644, data: Buffer.alloc(n, 'd') }
      const archive = writeCpio([entry, { ...entry, path: 'z' }], 0)
      assert.equal(archive.length % 4, 0)
      for (const at of [...archive.toString('latin1').matchAll(/070701/g)].map(m => m.index))
        assert.equal(at % 4, 0)
      assert.equal([...archive.toString('latin1').matchAll(/070701/g)].length, 3)
    }
  })

  it('refuses entries that the kernel would drop or put elsewhere', () => {
    const cases: [RegExp, CpioEntry[]][] = [
      [/twice/, [TREE[0]!, TREE[0]!]],
      [/folder 'a' is not in the archive/, [{ path: 'a/b', mode: 0o100644 }]],
      [/folder 'init' is not/, [TREE[0]!, { path: 'init/x', mode: 0o100644 }]],
      [/relative path/, [{ path: '/init', mode: 0o100755 }]],
      [/relative path/, [{ path: '../init', mode: 0o100755 }]],
      [/relative path/, [{ path: 'a/./b', mode: 0o100755 }]],
      [/relative path/, [{ path: '', mode: 0o100755 }]],
      [/relative path/, [{ path: 'a\0', mode: 0o100755 }]],
    ]
    for (const [message, entries] of cases)
      assert.throws(() => writeCpio(entries, 0), { code: 'CPIO_BAD_ENTRY', message })
  })

  it("Debian's cpio lists and unpacks it", { skip: lacking('cpio') }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cpio-'))
    try {
      const input = writeCpio(TREE, 1700000000)
      const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' }
      const list = await run(find('cpio')!, ['-itv'], { input, env })
      const lines = list.stdout.toString().trim().split('\n')
      assert.equal(lines.length, TREE.length)
      assert.match(
        lines.join('\n'),
        /crw-------\s+1 root\s+root\s+5,\s+1 Nov 14\s+2023 dev\/console/,
      )
      assert.match(lines.join('\n'), /lib -> usr\/lib/)
      const files = TREE.filter(e => e.device === undefined)
      mkdirSync(join(folder, 'out'))
      const packed = writeCpio(files, 1700000000)
      await run(find('cpio')!, ['-i', '--no-absolute-filenames'], {
        input: packed,
        env,
        cwd: join(folder, 'out'),
      })
      for (const { path, data, mode } of files) {
        const full = join(folder, 'out', path)
        if (mode === 0o120777) assert.equal(readlinkSync(full), data!.toString())
        else if (data) assert.deepEqual(readFileSync(full), data)
        else assert.ok(statSync(full).isDirectory())
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
