import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { Tree } from '../../../node/tree/tree.ts'
import { bytes, plant, text, type Planted } from './planted.ts'

const MIB = 2 ** 20

describe('files', () => {
  let p: Planted
  let tree: Tree
  before(async () => {
    p = await plant()
    tree = p.tree
  })
  after(() => p.end())

  it('of any length come back: in one go, by a handle, by a stream', async () => {
    for (const length of [0, 1, 511, 512, 513, 65535, 65536, 65537, 3 * MIB + 7]) {
      const content = randomBytes(length)
      const path = `/ROOT/length-${length}`
      assert.deepEqual(await tree.writeFile(path, content), { size: length, generation: 1 })
      assert.deepEqual(Buffer.from(await tree.readFile(path)), content)
      const parts: Uint8Array[] = []
      for await (const part of tree.readStream(path)) parts.push(part)
      assert.deepEqual(Buffer.concat(parts), content)
      const handle = await tree.openFile(path)
      const into = new Uint8Array(length + 10)
      assert.equal(await handle.readInto(0, into), length)
      assert.deepEqual(Buffer.from(into.subarray(0, length)), content)
      assert.equal((await handle.read(length, 10)).length, 0)
      await handle.close()
    }
  })

  it('are read from and up to any byte', async () => {
    const content = randomBytes(200_000)
    await tree.writeFile('/ROOT/any', content)
    for (const [start, end] of [
      [0, 1],
      [65535, 65537],
      [1, 199_999],
      [150_000, Infinity],
      [200_000, 300_000],
      [5, 5],
    ] as const) {
      const parts: Uint8Array[] = []
      for await (const part of tree.readStream('/ROOT/any', { start, end })) parts.push(part)
      assert.deepEqual(Buffer.concat(parts), content.subarray(start, end), `${start} to ${end}`)
    }
  })

  it('written by a stream are seen when it is closed, wholly', async () => {
    const stream = await tree.writeStream('/ROOT/streamed', { type: 'text/plain' })
    const content = randomBytes(5 * MIB)
    for (let at = 0; at < content.length; at += 100_000)
      await stream.write(content.subarray(at, at + 100_000))
    await assert.rejects(tree.stat('/ROOT/streamed'), { code: 'TREE_NOT_FOUND' })
    assert.deepEqual(await stream.close(), { size: 5 * MIB, generation: 1 })
    assert.deepEqual(Buffer.from(await tree.readFile('/ROOT/streamed')), content)
    assert.equal((await tree.stat('/ROOT/streamed')).type, 'text/plain')
  })

  it('are as before when a stream is given up, and its room is free again', async () => {
    await tree.writeFile('/ROOT/kept', bytes('kept'))
    await p.store.collect()
    const { pieces } = p.store.status
    const stream = await tree.writeStream('/ROOT/kept')
    await stream.write(randomBytes(4 * MIB))
    stream.abort()
    assert.equal(text(await tree.readFile('/ROOT/kept')), 'kept')
    await p.store.collect()
    assert.equal(p.store.status.pieces, pieces)
  })

  it('take no room where nothing was written, and read as zeros there', async () => {
    const handle = await tree.openFile('/ROOT/sparse', {
      write: true,
      create: true,
      access: 'random',
    })
    await handle.write(10 ** 9, bytes('end'))
    await handle.sync()
    assert.equal(text(await handle.read(10 ** 9 - 2, 100)), '\0\0end')
    assert.ok((await handle.read(5 * 10 ** 8, 10_000)).every(byte => byte === 0))
    await handle.truncate(10 ** 9 + 1)
    await handle.truncate(10 ** 9 + 5)
    await handle.close()
    // What was cut off did not come back.
    assert.equal(text((await tree.readFile('/ROOT/sparse')).subarray(-5)), 'e\0\0\0\0')
    const before = p.store.status
    await tree.remove('/ROOT/sparse')
    await p.store.collect()
    assert.ok(before.pieces - p.store.status.pieces < 50)
  })

  it('opened for reading stay as they were, whatever becomes of them', async () => {
    const content = randomBytes(300_000)
    await tree.writeFile('/ROOT/old', content)
    const reader = await tree.openFile('/ROOT/old')
    await tree.writeFile('/ROOT/old', bytes('new'))
    await tree.remove('/ROOT/old')
    await p.store.collect()
    assert.deepEqual(Buffer.from(await reader.read(0, 400_000)), content)
    await reader.close()
    await p.store.collect()
    await assert.rejects(reader.read(0, 1), { code: 'TREE_CLOSED' })
  })

  it('follow their handle when they are renamed while it is open', async () => {
    await tree.writeFile('/ROOT/before', bytes('1'))
    const handle = await tree.openFile('/ROOT/before', { write: true })
    await tree.rename('/ROOT/before', '/ROOT/after')
    await handle.write(0, bytes('2'))
    await handle.close()
    assert.equal(text(await tree.readFile('/ROOT/after')), '2')
    const gone = await tree.openFile('/ROOT/after', { write: true })
    await tree.remove('/ROOT/after')
    await gone.write(0, bytes('3'))
    await assert.rejects(gone.close(), { code: 'TREE_NOT_FOUND' })
  })

  it('have the sectors they were made for: 64 KiB, or 4 KiB where anything may change', async () => {
    await tree.writeFile('/ROOT/s', randomBytes(10_000))
    await tree.writeFile('/ROOT/r', randomBytes(10_000), { access: 'random' })
    assert.deepEqual(
      [(await tree.stat('/ROOT/s')).sectorSize, (await tree.stat('/ROOT/r')).sectorSize],
      [65536, 4096],
    )
  })

  it('are refused what they are not', async () => {
    await tree.mkdir('/ROOT/dir')
    await assert.rejects(tree.readFile('/ROOT/dir'), { code: 'TREE_NOT_FILE' })
    await assert.rejects(tree.writeFile('/ROOT/dir', bytes('x')), { code: 'TREE_NOT_FILE' })
    await assert.rejects(tree.writeFile('/ROOT/s/x', bytes('x')), { code: 'TREE_NOT_DIRECTORY' })
    await assert.rejects(tree.writeFile('/ROOT/no/x', bytes('x')), { code: 'TREE_NOT_FOUND' })
    await assert.rejects(tree.writeFile('/ROOT/no', bytes('x'), { create: false }), {
      code: 'TREE_NOT_FOUND',
    })
    const options = { create: true, exclusive: true }
    await assert.rejects(tree.writeFile('/ROOT/s', bytes('x'), options), { code: 'TREE_EXISTS' })
    await assert.rejects(tree.openFile('/ROOT/s', { write: true, ...options }), {
      code: 'TREE_EXISTS',
    })
    const reader = await tree.openFile('/ROOT/s')
    await assert.rejects(reader.write(0, bytes('x')), { code: 'TREE_CLOSED' })
    for (const offset of [-1, 0.5, 2 ** 51, NaN])
      await assert.rejects(reader.read(offset, 1), { code: 'TREE_RANGE' })
    await reader.close()
    const id = '0123456789abcdef'.repeat(2)
    await assert.rejects(tree.mkdir(`/ROOT/dir/../x`), { code: 'TREE_NAME' })
    await assert.rejects(tree.stat(`/ROOT/=${id}`), { code: 'TREE_NOT_FOUND' })
    await tree.mkdir(`/ROOT/dir/=${id}`)
    await assert.rejects(tree.rename(`/ROOT/dir/=${id}`, `/ROOT/=${id}/`), { code: 'TREE_PATH' })
    await assert.rejects(tree.readlink('/ROOT/s'), { code: 'TREE_NOT_SYMLINK' })
    await tree.symlink('loop', '/ROOT/loop')
    for (const target of ['', 'a\0b', '\ud800', 'x'.repeat(4096)])
      await assert.rejects(tree.symlink(target, '/ROOT/link'), { code: 'TREE_PATH' })
    await assert.rejects(tree.stat('/ROOT/loop'), { code: 'TREE_LOOP' })
    await assert.rejects(tree.setAttributes('/ROOT/s', { mode: 0o10000 }), { code: 'TREE_RANGE' })
  })

  it('have permissions, times, a type, and copies that are wanted', async () => {
    await tree.writeFile('/ROOT/attributes', bytes('x'), { mode: 0o600, type: 'text/plain' })
    await tree.setAttributes('/ROOT/attributes', { modified: 12345, copies: 3 })
    const { mode, type, modified, links } = await tree.stat('/ROOT/attributes')
    assert.deepEqual([mode, type, modified, links], [0o600, 'text/plain', 12345, 1])
    await tree.setAttributes('/ROOT/attributes', { type: '' })
    assert.equal((await tree.stat('/ROOT/attributes')).type, undefined)
  })
})

describe('many files', () => {
  it('made at once in a directory are one version of it', async () => {
    const p = await plant()
    try {
      await p.tree.mkdir('/ROOT/d')
      const { generation } = await p.tree.stat('/ROOT/d')
      const names = Array.from({ length: 500 }, (_, i) => `/ROOT/d/${i}`)
      await Promise.all(names.map(name => p.tree.writeFile(name, bytes(name))))
      const after = await p.tree.stat('/ROOT/d')
      assert.equal(after.entries, 500)
      assert.equal(after.generation, generation + 1)
      assert.equal(text(await p.tree.readFile('/ROOT/d/77')), '/ROOT/d/77')
    } finally {
      await p.end()
    }
  })

  it('fail one by one: those beside what is refused are made', async () => {
    const p = await plant()
    try {
      const done = await Promise.allSettled([
        p.tree.writeFile('/ROOT/a', bytes('a')),
        p.tree.mkdir('/ROOT/a'),
        p.tree.mkdir('/ROOT/b'),
        p.tree.writeFile('/ROOT/b/c', bytes('c')),
        p.tree.remove('/ROOT/none'),
        p.tree.rename('/ROOT/b', '/ROOT/b/d'),
        p.tree.rename('/ROOT/a', '/ROOT/b/c'),
        p.tree.remove('/ROOT/b'),
      ])
      const codes = done.map(one => (one.status === 'rejected' ? one.reason.code : 'done'))
      assert.deepEqual(codes, [
        'done',
        'TREE_EXISTS',
        'done',
        'done',
        'TREE_NOT_FOUND',
        'TREE_INTO_ITSELF',
        'done',
        'TREE_NOT_EMPTY',
      ])
      assert.equal(text(await p.tree.readFile('/ROOT/b/c')), 'a')
      assert.deepEqual((await p.tree.check()).findings, [])
    } finally {
      await p.end()
    }
  })

  it('of one name, written at once: the last one stays, and who insists on making it is refused', async () => {
    const p = await plant()
    try {
      const [a, b, c, d] = await Promise.allSettled([
        p.tree.writeFile('/ROOT/a', bytes('first')),
        p.tree.writeFile('/ROOT/a', bytes('second')),
        p.tree.writeFile('/ROOT/a', bytes('third'), { exclusive: true }),
        p.tree.writeFile('/ROOT/a', bytes('fourth'), { generation: 7 }),
      ])
      assert.deepEqual([a.status, b.status], ['fulfilled', 'fulfilled'])
      for (const [one, code] of [
        [c, 'TREE_EXISTS'],
        [d, 'TREE_CONFLICT'],
      ] as const)
        assert.equal(one.status === 'rejected' && one.reason.code, code)
      assert.equal(text(await p.tree.readFile('/ROOT/a')), 'second')
      assert.deepEqual((await p.tree.check()).findings, [])
    } finally {
      await p.end()
    }
  })

  it('made through two trees on one store at the same time are all there', async () => {
    const p = await plant()
    try {
      const other = p.as(p.node)
      const names = Array.from({ length: 60 }, (_, i) => `/ROOT/${i}`)
      await Promise.all(
        names.map((name, i) => (i % 2 ? other : p.tree).writeFile(name, bytes(name))),
      )
      assert.equal((await p.tree.list('/ROOT')).length, 60)
      assert.deepEqual((await p.tree.check()).findings, [])
    } finally {
      await p.end()
    }
  })
})
