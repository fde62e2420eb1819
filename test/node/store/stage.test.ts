import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { contentOf, findings, newFolder, open, TREE, version } from './stored.ts'

const same = (a: Uint8Array, b: Uint8Array) => assert.equal(Buffer.compare(a, b), 0)

describe('a stage', () => {
  it('takes pieces ahead of their change, which can be read at once', async () => {
    const folder = newFolder()
    const store = await open(folder)
    const content = await contentOf([65569, 65569, 4129, 100, 20000])
    const stage = store.stage()
    for (const piece of content.pieces) {
      await stage.add([piece])
      same(await store.piece(piece.hash), piece.bytes)
    }
    await stage.flush()
    const block = await version({ content })
    await store.commit({ blocks: [block] })
    stage.close()
    await store.close()
    const again = await open(folder)
    for (const { hash, bytes } of content.pieces) same(await again.piece(hash), bytes)
    assert.deepEqual(await findings(again), [])
    await again.close()
  })

  it('needs the bytes no longer than until they are taken', async () => {
    const store = await open(newFolder())
    const content = await contentOf([65569, 33, 900, 4129])
    const stage = store.stage()
    for (const { hash, bytes } of content.pieces) {
      const memory = Uint8Array.from(bytes)
      await stage.add([{ hash, bytes: memory }])
      memory.fill(7)
    }
    await stage.flush()
    for (const { hash, bytes } of content.pieces) same(await store.piece(hash), bytes)
    stage.close()
    await store.close()
  })

  it('of thousands of pieces holds few of them in memory', async () => {
    const store = await open(newFolder())
    const stage = store.stage()
    const before = process.memoryUsage().rss
    let most = 0
    for (let i = 0; i < 400; i++) {
      const bytes = randomBytes(65569)
      const pieces = Array.from({ length: 16 }, () => ({ hash: randomBytes(32), bytes }))
      await stage.add(pieces)
      most = Math.max(most, process.memoryUsage().rss - before)
    }
    await stage.flush()
    stage.close()
    // 400 MiB were written.
    assert.ok(most < 100 << 20, `${most >> 20} MiB`)
    await store.close()
  })

  it('that is given up leaves garbage only, also over a restart', async () => {
    const folder = newFolder()
    const store = await open(folder)
    const content = await contentOf([65569, 65569, 4129])
    const kept = await contentOf([65569])
    const block = await version({ content: kept })
    await store.commit({ pieces: kept.pieces, blocks: [block] })
    const given = store.stage()
    await given.add(content.pieces)
    given.close()
    for (const { hash } of content.pieces) assert.ok(!store.has(hash), 'nothing was flushed')
    const flushed = store.stage()
    await flushed.add(content.pieces)
    await flushed.flush()
    await store.close()
    const again = await open(folder)
    assert.equal((await again.collect()).pieces, content.pieces.length)
    same(await again.piece(kept.pieces[0]!.hash), kept.pieces[0]!.bytes)
    assert.ok(again.block(TREE, block.id))
    assert.deepEqual(await findings(again), [])
    await again.close()
  })

  it('may take what is there already, and what another takes at the same time', async () => {
    const store = await open(newFolder())
    const content = await contentOf([65569, 65569, 4129, 20000])
    const stages = [store.stage(), store.stage(), store.stage()]
    await Promise.all(stages.map(stage => stage.add(content.pieces)))
    await Promise.all(stages.map(stage => stage.flush()))
    await store.commit({ pieces: content.pieces, blocks: [await version({ content })] })
    for (const stage of stages) stage.close()
    assert.equal(store.status.pieces, content.pieces.length)
    for (const { hash, bytes } of content.pieces) same(await store.piece(hash), bytes)
    await store.collect()
    assert.deepEqual(await findings(store), [])
    assert.ok(store.status.dataFileBytes < 600_000, 'places that were taken twice are free again')
    await store.close()
  })
})
