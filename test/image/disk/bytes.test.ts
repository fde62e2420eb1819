import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { memory, opened, withFile, writeAt } from '../../../image/disk/bytes.ts'
import { openDirect } from '../../../image/disk/direct-read.ts'

const folder = mkdtempSync(join(tmpdir(), 'bytes-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'file')
const DATA = Buffer.from(Array.from({ length: 70_001 }, (_, i) => (i * 31) % 251))
writeFileSync(file, DATA)

describe('bytes at offsets', () => {
  it('are the same from memory and from a file', () => {
    withFile(file, bytes => {
      assert.equal(bytes.size, DATA.length)
      for (const [offset, length] of [
        [0, 0],
        [0, 1],
        [4095, 4097],
        [70_000, 1],
        [70_001, 0],
      ] as const)
        assert.ok(bytes.read(offset, length).equals(memory(DATA).read(offset, length)))
    })
  })

  it('lie in the buffer given, which must be large enough', () => {
    withFile(file, bytes => {
      const buffer = Buffer.alloc(5000, 0xee)
      const read = bytes.read(4000, 4999, buffer)
      assert.equal(read.buffer, buffer.buffer)
      assert.ok(read.equals(DATA.subarray(4000, 8999)))
      assert.equal(buffer[4999], 0xee)
      assert.throws(() => bytes.read(0, 5001, buffer), /5001 bytes do not fit into 5000/)
    })
  })

  it('are never fewer than asked for', () => {
    for (const [offset, length] of [
      [-1, 1],
      [70_001, 1],
      [0, 70_002],
    ] as const) {
      assert.throws(() => memory(DATA).read(offset, length), RangeError)
      withFile(file, bytes => assert.throws(() => bytes.read(offset, length), RangeError))
    }
    const short = join(folder, 'short')
    writeFileSync(short, DATA)
    const fd = openSync(short, 'r+')
    const bytes = opened(fd)
    truncateSync(short, 100)
    assert.throws(() => bytes.read(0, 200), /the file ended at 100/)
    writeAt(fd, Buffer.from('xyz'), 98)
    assert.equal(opened(fd).read(98, 3).toString(), 'xyz')
    closeSync(fd)
  })
})

describe('reading past the page cache', () => {
  it('gives the same bytes, and fewer at the end', async () => {
    const disk = await openDirect(file, 16384)
    try {
      for (const [offset, length] of [
        [0, 16384],
        [4096, 1],
        [8192, 5000],
        [65536, 4465],
        [65536, 16384],
      ] as const)
        assert.ok((await disk.read(offset, length)).equals(DATA.subarray(offset, offset + length)))
      assert.equal((await disk.read(73_728, 4096)).length, 0)
    } finally {
      await disk.close()
    }
  })

  it('sees what another writes afterwards', async () => {
    const disk = await openDirect(file, 16384)
    const fd = openSync(file, 'r+')
    try {
      await disk.read(0, 4096)
      writeAt(fd, Buffer.from('changed'), 100)
      assert.equal((await disk.read(0, 4096)).toString('latin1', 100, 107), 'changed')
    } finally {
      writeAt(fd, DATA.subarray(100, 107), 100)
      closeSync(fd)
      await disk.close()
    }
  })

  it('does without where it is not supported', async () => {
    // No cache there to read past, so the kernel refuses the flag.
    const disk = await openDirect('/proc/self/status', 4096)
    assert.equal(disk.direct, false)
    assert.match((await disk.read(0, 4096)).toString(), /^Name:/)
    await disk.close()
    await assert.rejects(openDirect(join(folder, 'none'), 4096), { code: 'ENOENT' })
  })
})
