import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  accept,
  contentOf,
  hashOf,
  newFolder,
  newId,
  open,
  OTHER_TREE,
  TREE,
  version,
} from './stored.ts'

describe('a store', () => {
  it('gives back blocks and pieces, also when it is opened again', async () => {
    const folder = newFolder()
    const store = await open(folder)
    const content = await contentOf([65569, 65569, 100, 4129, 16384, 16385, 0])
    const write = version(newId(), 1n, content)
    await store.commit({ pieces: content.pieces, blocks: [write] })
    await store.close()
    const again = await open(folder)
    const block = again.block(TREE, write.id)!
    assert.deepEqual(new Uint8Array(block.header), new Uint8Array(write.header))
    assert.deepEqual(new Uint8Array(block.hash), new Uint8Array(hashOf(write.header)))
    assert.equal(block.generation, 1n)
    assert.equal(block.content.count, 7)
    assert.equal(Buffer.compare(block.content.root, content.root), 0)
    const blocks = [{ tree: TREE, id: write.id, generation: 1n, hash: block.hash }]
    assert.equal(Buffer.compare(block.acceptance, await accept(blocks)), 0)
    const hashes = content.pieces.map(({ hash }) => hash)
    const read = await again.pieces(hashes)
    for (const [i, { bytes, hash }] of content.pieces.entries()) {
      assert.equal(Buffer.compare(read[i]!, bytes), 0)
      assert.equal(Buffer.compare(await again.piece(hash), bytes), 0)
    }
    assert.equal(again.block(OTHER_TREE, write.id), undefined)
    assert.equal(again.block(TREE, newId()), undefined)
    await again.close()
  })

  it('refuses what is asked of it when it is closed', async () => {
    const store = await open(newFolder())
    await store.close()
    await store.close()
    const closed = { name: 'StoreError', code: 'STORE_CLOSED' }
    assert.throws(() => store.block(TREE, newId()), closed)
    await assert.rejects(store.piece(new Uint8Array(32)), closed)
    await assert.rejects(store.commit({}), closed)
  })

  it('names a piece that it does not have', async () => {
    const store = await open(newFolder())
    await assert.rejects(store.piece(new Uint8Array(32)), {
      code: 'STORE_PIECE_MISSING',
      message: /the piece 0{64} is not kept here/,
    })
    await store.close()
  })
})
