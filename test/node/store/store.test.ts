import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'
import {
  accept,
  contentOf,
  EMPTY,
  findings,
  hashOf,
  newFolder,
  newId,
  open,
  OTHER_TREE,
  TREE,
  version,
} from './stored.ts'

const same = (a: Uint8Array, b: Uint8Array) => assert.equal(Buffer.compare(a, b), 0)

describe('a store', () => {
  it('gives back blocks and pieces, also when it is opened again', async () => {
    const folder = newFolder()
    const store = await open(folder)
    const content = await contentOf([65569, 65569, 100, 4129, 16384, 16385, 0, 1 << 20])
    const write = await version({ content })
    await store.commit({ pieces: content.pieces, blocks: [write] })
    await store.close()
    const again = await open(folder)
    const block = again.block(TREE, write.id)!
    same(block.header, write.header)
    same(block.hash, hashOf(write.header))
    assert.equal(block.generation, 1n)
    assert.equal(block.content.count, 8)
    same(block.content.root, content.root)
    same(block.acceptance, await accept([{ ...write, hash: block.hash }]))
    const read = await again.pieces(content.pieces.map(({ hash }) => hash))
    for (const [i, { bytes, hash }] of content.pieces.entries()) {
      same(read[i]!, bytes)
      same(await again.piece(hash), bytes)
      assert.ok(again.has(hash))
    }
    assert.equal(again.block(OTHER_TREE, write.id), undefined)
    assert.equal(again.block(TREE, newId()), undefined)
    assert.deepEqual(await findings(again), [])
    await again.close()
  })

  it('lets nobody else read its files, whatever the umask is', async () => {
    const folder = newFolder()
    const before = process.umask(0)
    try {
      const store = await open(folder)
      await store.commit({ blocks: [await version()] })
      for (const name of readdirSync(folder))
        assert.equal(statSync(`${folder}/${name}`).mode & 0o077, 0, name)
      await store.close()
    } finally {
      process.umask(before)
    }
  })

  it('keeps apart blocks of the same id in two trees', async () => {
    const store = await open(newFolder())
    const id = newId()
    const both = [await version({ id }), await version({ id, owner: 'other' })]
    await store.commit({ blocks: both })
    same(store.block(TREE, id)!.header, both[0]!.header)
    same(store.block(OTHER_TREE, id)!.header, both[1]!.header)
    await store.close()
  })

  it('replaces and removes blocks, and remembers what it saw of them', async () => {
    const store = await open(newFolder())
    const one = await version()
    await store.commit({ blocks: [one] })
    const two = await version({ before: one })
    await store.commit({ blocks: [two] })
    same(store.block(TREE, one.id)!.header, two.header)
    await store.commit({ removals: [{ ...one, expected: hashOf(two.header) }] })
    assert.equal(store.block(TREE, one.id), undefined)
    assert.equal(store.highest(TREE, one.id)!.generation, 2n)
    const { expected: _, ...old } = two
    await assert.rejects(store.commit({ blocks: [{ ...old, expected: undefined }] }), {
      name: 'StoreError',
      code: 'STORE_STALE',
      message: /found generation 2, but 2 was seen/,
    })
    const { expected: __, ...three } = await version({ before: two })
    await store.commit({ blocks: [{ ...three, expected: undefined }] })
    assert.equal(store.block(TREE, one.id)!.generation, 3n)
    assert.deepEqual(await findings(store), [])
    await store.close()
  })

  it('keeps siblings in their order until they are removed', async () => {
    const store = await open(newFolder())
    const current = await version()
    const lost = [await version({ id: current.id }), await version({ id: current.id })]
    await store.commit({ blocks: [current], siblings: lost })
    await store.commit({ siblings: [lost[0]!] })
    const listed = () => store.siblings(TREE, current.id).map(({ header }) => [...header])
    assert.deepEqual(
      listed(),
      lost.map(({ header }) => [...header]),
    )
    const removal = { tree: TREE, id: current.id, hash: hashOf(lost[0]!.header) }
    await store.commit({ siblingRemovals: [removal] })
    assert.deepEqual(listed(), [[...lost[1]!.header]])
    await assert.rejects(store.commit({ siblingRemovals: [removal] }), { code: 'STORE_CONFLICT' })
    same(store.block(TREE, current.id)!.header, current.header)
    await store.close()
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

  it('does what was asked before it was closed', async () => {
    const folder = newFolder()
    const store = await open(folder)
    const content = await contentOf([70000, 70000, 70000])
    const blocks = await Promise.all(Array.from({ length: 50 }, () => version({ content })))
    const { pieces } = content
    const commits = blocks.map(block => store.commit({ pieces, blocks: [block] }))
    await store.close()
    await Promise.all(commits)
    const again = await open(folder)
    for (const { id } of blocks) assert.ok(again.block(TREE, id))
    assert.equal(again.status.pieces, pieces.length, 'the same piece is kept once')
    assert.deepEqual(await findings(again), [])
    await again.close()
  })
})

describe('memory of pieces', () => {
  it('is used again only when it is given back', async () => {
    const store = await open(newFolder())
    const content = await contentOf(Array.from({ length: 64 }, () => 65569))
    await store.commit({ pieces: content.pieces, blocks: [await version({ content })] })
    const read = (from: number) =>
      store.pieces(content.pieces.slice(from, from + 8).map(({ hash }) => hash))
    const held = await Promise.all([0, 8, 16, 24].map(read))
    store.recycle(await read(32))
    store.recycle(await read(40))
    const others = await Promise.all([48, 56, 32].map(read))
    for (const [i, { bytes }] of content.pieces.slice(0, 32).entries())
      same(held[i >> 3]![i & 7]!, bytes)
    for (const [i, from] of [48, 56, 32].entries())
      for (const [j, bytes] of others[i]!.entries()) same(bytes, content.pieces[from + j]!.bytes)
    await store.close()
    store.recycle(others[0]!)
  })
})

describe('a change', () => {
  it('with one wrong expectation is refused as a whole', async () => {
    const store = await open(newFolder())
    const there = await version()
    await store.commit({ blocks: [there] })
    const content = await contentOf([100, 70000])
    const fresh = await version({ content })
    const wrong = [
      { blocks: [fresh, await version({ id: there.id, generation: 2n })] },
      { blocks: [fresh, await version({ before: await version({ id: there.id }) })] },
      { blocks: [fresh], removals: [{ ...fresh, expected: hashOf(fresh.header) }] },
      { blocks: [fresh], removals: [{ ...there, expected: hashOf(fresh.header) }] },
      { blocks: [fresh, fresh] },
      { blocks: [fresh], notes: [{ kind: 'lease', key: 'x', expected: new Uint8Array(1) }] },
    ] as const
    for (const change of wrong) {
      await assert.rejects(store.commit({ ...change, pieces: content.pieces }), {
        name: 'StoreError',
        code: 'STORE_CONFLICT',
        message: /: read it again$/,
      })
      assert.equal(store.block(TREE, fresh.id), undefined)
      for (const { hash } of content.pieces) assert.ok(!store.has(hash))
    }
    assert.deepEqual(await findings(store), [])
    await store.close()
  })

  it('wins alone when several replace the same header at once', async () => {
    const store = await open(newFolder())
    const first = await version()
    await store.commit({ blocks: [first] })
    const rivals = await Promise.all(Array.from({ length: 20 }, () => version({ before: first })))
    const ends = await Promise.allSettled(rivals.map(one => store.commit({ blocks: [one] })))
    assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const end of ends)
      if (end.status === 'rejected') assert.equal(end.reason.code, 'STORE_CONFLICT')
    assert.equal(store.block(TREE, first.id)!.generation, 2n)
    await store.close()
  })

  it('may build on one that is not done yet', async () => {
    const store = await open(newFolder())
    const chain = [await version()]
    for (let i = 0; i < 30; i++) chain.push(await version({ before: chain.at(-1)! }))
    await Promise.all(chain.map(one => store.commit({ blocks: [one] })))
    same(store.block(TREE, chain[0]!.id)!.header, chain.at(-1)!.header)
    assert.deepEqual(await findings(store), [])
    await store.close()
  })

  it('fails when nobody signs for it, and leaves nothing', async () => {
    let refuse = true
    const store = await open(newFolder(), {
      accept: async blocks => {
        if (refuse) throw new Error('no key')
        return accept(blocks)
      },
    })
    const content = await contentOf([70000, 10])
    const write = await version({ content })
    const change = { pieces: content.pieces, blocks: [write] }
    await assert.rejects(store.commit(change), /no key/)
    assert.equal(store.block(TREE, write.id), undefined)
    assert.ok(!store.has(content.pieces[0]!.hash))
    refuse = false
    await store.commit(change)
    assert.deepEqual(await findings(store), [])
    await store.close()
  })
})

describe('notes', () => {
  it('are put, compared, listed and removed', async () => {
    const store = await open(newFolder())
    const bytes = (text: string) => new TextEncoder().encode(text)
    const put = (key: string, value: string | null, expected?: string | null) =>
      store.commit({
        notes: [
          {
            kind: 'request',
            key,
            value: value === null ? null : bytes(value),
            ...(expected !== undefined && { expected: expected === null ? null : bytes(expected) }),
          },
        ],
      })
    await put('b', '1')
    await put('a', '2', null)
    await assert.rejects(put('a', '3', null), { code: 'STORE_CONFLICT' })
    await assert.rejects(put('a', '3', '1'), { code: 'STORE_CONFLICT' })
    await assert.rejects(put('none', '3', '1'), { code: 'STORE_CONFLICT' })
    await put('a', '3', '2')
    const all = store.notes('request').map(({ key, value }) => [key, Buffer.from(value).toString()])
    assert.deepEqual(all, [
      ['a', '3'],
      ['b', '1'],
    ])
    await put('a', null, '3')
    assert.equal(store.note('request', 'a'), undefined)
    assert.deepEqual(store.notes('lease'), [])
    await assert.rejects(put('k'.repeat(2000), '1'), RangeError)
    await store.close()
  })
})

describe('commits at the same time', () => {
  it('share transactions', async () => {
    const store = await open(newFolder())
    const blocks = await Promise.all(Array.from({ length: 1000 }, () => version()))
    await Promise.all(blocks.map(block => store.commit({ blocks: [block] })))
    const { groups, changes } = store.status.commits
    assert.equal(changes, 1000)
    assert.ok(groups <= 3, `${groups} transactions`)
    const named = (id: string) => Buffer.from(store.block(TREE, id as never)!.acceptance).toString()
    assert.equal(JSON.parse(named(blocks[0]!.id)).length, 1000)
    await store.close()
  })

  it('are named by several acceptances when they are many', async () => {
    const store = await open(newFolder())
    const blocks = await Promise.all(
      Array.from({ length: 1500 }, () => version({ content: EMPTY })),
    )
    await store.commit({ blocks })
    for (const { id } of blocks) {
      const named = JSON.parse(Buffer.from(store.block(TREE, id)!.acceptance).toString())
      assert.ok(named.length <= 1024 && named.includes(id))
    }
    await store.close()
  })
})
