import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Store } from '../../../node/store/store.ts'
import {
  contentOf,
  findings,
  hashOf,
  newFolder,
  open,
  TREE,
  version,
  type Filled,
} from './stored.ts'

const put = async (store: Store, lengths: readonly number[]) => {
  const content = await contentOf(lengths)
  const block = await version({ content })
  await store.commit({ pieces: content.pieces, blocks: [block] })
  return { content, block }
}

const has = (store: Store, content: Filled) =>
  content.pieces.map(({ hash }) => store.has(hash)).filter(Boolean).length

const LENGTHS = [65569, 100, 4129, 20000, ...Array.from({ length: 150 }, () => 33)]

describe('collecting garbage', () => {
  it('throws away what no header names, and nothing else', async () => {
    const store = await open(newFolder())
    const kept = await put(store, LENGTHS)
    const gone = await put(store, LENGTHS)
    const sibling = await put(store, LENGTHS)
    const next = await contentOf(LENGTHS)
    await store.commit({
      pieces: next.pieces,
      removals: [{ ...gone.block, expected: hashOf(gone.block.header) }],
      siblings: [sibling.block],
      blocks: [await version({ before: sibling.block, content: next })],
    })
    const collected = await store.collect()
    assert.equal(collected.pieces, gone.content.pieces.length)
    const sum = gone.content.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)
    assert.equal(collected.bytes, sum)
    assert.equal(has(store, gone.content), 0)
    for (const content of [kept.content, sibling.content, next])
      assert.equal(has(store, content), content.pieces.length)
    assert.deepEqual(await store.collect(), { pieces: 0, bytes: 0 })
    assert.deepEqual(await findings(store), [])
    await store.close()
  })

  it('gives places back, which are used again', async () => {
    const folder = newFolder()
    const store = await open(folder)
    const sectors = Array.from({ length: 40 }, () => 65569)
    const size = () => statSync(join(folder, 'sectors')).size
    let { block } = await put(store, sectors)
    const [once, used] = [size(), store.status.usedBytes]
    for (let i = 0; i < 10; i++) {
      const content = await contentOf(sectors)
      const next = await version({ before: block, content })
      await store.commit({ pieces: content.pieces, blocks: [next] })
      block = next
      await store.collect()
    }
    assert.ok(size() <= 2 * once, `${size()} bytes, ${once} at first`)
    assert.ok(store.status.usedBytes < used * 1.2, `${store.status.usedBytes}, ${used} at first`)
    await store.commit({ removals: [{ ...block, expected: hashOf(block.header) }] })
    await store.collect()
    assert.equal(size(), 0)
    assert.deepEqual(await findings(store), [])
    await store.close()
  })

  it('spares pinned versions until they are let go, and pieces of an open stage', async () => {
    const store = await open(newFolder())
    const { content, block } = await put(store, LENGTHS)
    const unpin = store.pin(store.block(TREE, block.id)!.content)
    await store.commit({ removals: [{ ...block, expected: hashOf(block.header) }] })
    const staged = await contentOf(LENGTHS)
    const stage = store.stage()
    await stage.add(staged.pieces)
    await stage.flush()
    assert.equal((await store.collect()).pieces, 0)
    assert.equal((await store.collect()).pieces, 0)
    unpin()
    assert.equal((await store.collect()).pieces, 0, 'all is as young as the stage')
    const file = await version({ content: staged })
    await store.commit({ blocks: [file] })
    stage.close()
    assert.equal((await store.collect()).pieces, content.pieces.length)
    assert.equal(has(store, staged), staged.pieces.length)
    assert.deepEqual(await findings(store), [])
    await store.close()
  })

  it('may be stopped at every step, and done again', async () => {
    const store = await open(newFolder())
    const kept = await put(store, LENGTHS)
    let stopped = 0
    for (let at = 0; ; at++) {
      const gone = await put(store, LENGTHS)
      await store.commit({ removals: [{ ...gone.block, expected: hashOf(gone.block.header) }] })
      const abort = new AbortController()
      let steps = 0
      const turn = async () => {
        if (steps++ === at) abort.abort(new Error('stop'))
      }
      const end = await store.collect({ signal: abort.signal, turn, step: 10 }).catch(e => e)
      assert.deepEqual(await findings(store), [])
      assert.equal(has(store, kept.content), kept.content.pieces.length)
      if (!(end instanceof Error)) break
      assert.equal(end.message, 'stop')
      stopped++
    }
    assert.ok(stopped > 15, `stopped ${stopped} times`)
    assert.equal(has(store, kept.content), store.status.pieces)
    await store.close()
  })

  it('misses nothing that is written, moved, kept or pinned meanwhile', async () => {
    const store = await open(newFolder())
    const files = await Promise.all(Array.from({ length: 12 }, () => put(store, LENGTHS)))
    const live = new Map(files.map(({ block, content }) => [block.id, { block, content }]))
    const pinned: { content: Filled; unpin: () => void }[] = []
    const everything = files.map(({ content }) => content)
    for (let round = 0; round < 4; round++) {
      let turns = 0
      const turn = async () => {
        if (turns > 40) return
        const { block, content } = [...live.values()][(turns * 7 + round) % live.size]!
        const kind = turns++ % 4
        const next = await contentOf(LENGTHS.slice(0, 70))
        everything.push(next)
        if (kind === 0) {
          // The version that loses becomes a sibling.
          const replaced = await version({ before: block, content: next })
          await store.commit({ pieces: next.pieces, blocks: [replaced], siblings: [block] })
          live.set(block.id, { block: replaced, content: next })
        } else if (kind === 1) {
          // A sibling is chosen, in the place of the current one, which is let go.
          const [sibling] = store.siblings(TREE, block.id)
          if (!sibling) return
          const chosen = await version({ before: block, content: sibling.content })
          const hash = hashOf(sibling.header)
          await store.commit({
            blocks: [chosen],
            siblingRemovals: [{ tree: TREE, id: block.id, hash }],
          })
          const same = everything.find(one => Buffer.compare(one.root, sibling.content.root) === 0)!
          live.set(block.id, { block: chosen, content: same })
        } else if (kind === 2) {
          pinned.push({ content, unpin: store.pin(store.block(TREE, block.id)!.content) })
          const replaced = await version({ before: block, content: next })
          await store.commit({ pieces: next.pieces, blocks: [replaced] })
          live.set(block.id, { block: replaced, content: next })
        }
      }
      await store.collect({ turn, step: 60 })
      for (const { content } of [...live.values(), ...pinned])
        assert.equal(has(store, content), content.pieces.length)
      assert.deepEqual(await findings(store), [])
      for (const { unpin } of pinned.splice(0, 2)) unpin()
    }
    await store.close()
  })

  it('throws nothing away when it can’t tell what is in use', async () => {
    const store = await open(newFolder())
    const content = await contentOf(LENGTHS)
    const block = await version({ content })
    // A header of 150 sectors without their pages.
    await store.commit({ pieces: content.pieces.slice(0, 100), blocks: [block] })
    await assert.rejects(store.collect(), {
      code: 'STORE_DAMAGED',
      message: /nothing is thrown away until it is whole again, or removed$/,
    })
    assert.equal(store.status.pieces, 100)
    await store.close()
  })

  it('ends when the store is closed', async () => {
    const store = await open(newFolder())
    await put(store, LENGTHS)
    const turn = () => new Promise<void>(resolve => setTimeout(resolve, 1))
    const collecting = store.collect({ turn, step: 1 })
    const end = assert.rejects(collecting, { code: 'STORE_CLOSED' })
    await store.close()
    await end
  })
})
