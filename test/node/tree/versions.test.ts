import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Happened } from '../../../node/tree/hub.ts'
import { SIBLINGS_MAX } from '../../../node/tree/save.ts'
import type { Tree } from '../../../node/tree/tree.ts'
import { bytes, plant, text, type Planted } from './planted.ts'

let p: Planted
let tree: Tree
const PATH = '/ROOT/file'
beforeEach(async () => {
  p = await plant({ at: Date.parse('2026-11-23') })
  tree = p.tree
  await tree.writeFile(PATH, bytes('first'))
})
afterEach(() => p.end())

const read = async () => text(await tree.readFile(PATH))
const contents = async () => {
  const all = []
  for (const { size, current } of await tree.versions(PATH)) all.push([size, current])
  return all
}

describe('two who write a file at the same time', () => {
  it('both keep what they wrote: the last one in the file, the other beside it', async () => {
    const [a, b] = [
      await tree.openFile(PATH, { write: true }),
      await tree.openFile(PATH, { write: true }),
    ]
    await a.write(0, bytes('AA'))
    await b.write(0, bytes('BBB'))
    await a.close()
    assert.deepEqual(await contents(), [[5, true]])
    await b.close()
    assert.equal(await read(), 'BBBst')
    const [current, other] = await tree.versions(PATH)
    assert.deepEqual([current!.current, other!.current], [true, false])
    await tree.keep(PATH, other!.hash)
    assert.equal(await read(), 'AArst')
    assert.equal((await tree.versions(PATH)).length, 1)
  })

  it('one who insists on the version he knows loses, and his is kept', async () => {
    const { generation } = await tree.stat(PATH)
    const mine = await tree.openFile(PATH, { write: true, generation })
    await tree.writeFile(PATH, bytes('theirs!'))
    await mine.write(0, bytes('mine'))
    await assert.rejects(mine.close(), { code: 'TREE_CONFLICT' })
    assert.equal(await read(), 'theirs!')
    assert.deepEqual(await contents(), [
      [7, true],
      [5, false],
    ])
    const [current, lost] = await tree.versions(PATH)
    await tree.keep(PATH, lost!.hash)
    assert.equal(await read(), 'minet')
    await assert.rejects(tree.keep(PATH, current!.hash), { code: 'TREE_NO_VERSION' })
  })

  it('compare and swap: of two with the same generation one is refused', async () => {
    const { generation } = await tree.stat(PATH)
    await tree.writeFile(PATH, bytes('one'), { generation })
    await assert.rejects(tree.writeFile(PATH, bytes('two'), { generation }), {
      code: 'TREE_CONFLICT',
    })
    await assert.rejects(tree.openFile(PATH, { write: true, generation }), {
      code: 'TREE_CONFLICT',
    })
    assert.equal(await read(), 'one')
    assert.equal((await tree.versions(PATH)).length, 1)
  })

  it('who makes the same file at the same time writes the next version of it', async () => {
    const [a, b] = [await tree.writeStream('/ROOT/new'), await tree.writeStream('/ROOT/new')]
    await a.write(bytes('from a'))
    await b.write(bytes('from b'))
    assert.equal((await a.close()).generation, 1)
    assert.equal((await b.close()).generation, 2)
    assert.equal(text(await tree.readFile('/ROOT/new')), 'from b')
  })

  it('a change of attributes or keys in between is no conflict', async () => {
    const handle = await tree.openFile(PATH, { write: true })
    await tree.setAttributes(PATH, { mode: 0o600 })
    await handle.write(0, bytes('x'))
    await handle.close()
    assert.deepEqual([(await tree.stat(PATH)).mode, await read()], [0o600, 'xirst'])
    assert.equal((await tree.versions(PATH)).length, 1)
  })

  it('no more versions are kept than somebody can look through', async () => {
    for (let i = 0; i < SIBLINGS_MAX; i++) {
      const handle = await tree.openFile(PATH, { write: true })
      await tree.writeFile(PATH, bytes(`other ${i}`))
      await handle.write(0, bytes('x'))
      await handle.close()
    }
    const handle = await tree.openFile(PATH, { write: true })
    await tree.writeFile(PATH, bytes('again'))
    await handle.write(0, bytes('x'))
    await assert.rejects(handle.close(), { code: 'TREE_CONFLICT' })
    assert.equal(await read(), 'again')
    assert.deepEqual((await tree.check()).findings, [])
  })
})

describe('a lease', () => {
  it('lets only its holder write, until it is released or ends', async () => {
    const { token } = await tree.lease(PATH, 10_000)
    await assert.rejects(tree.writeFile(PATH, bytes('other')), { code: 'TREE_LEASED' })
    await assert.rejects(tree.remove(PATH), { code: 'TREE_LEASED' })
    await assert.rejects(tree.lease(PATH, 10_000), { code: 'TREE_LEASED' })
    await tree.writeFile(PATH, bytes('holder'), { lease: token })
    await tree.releaseLease(PATH, token)
    await tree.writeFile(PATH, bytes('anybody'))
    assert.equal(await read(), 'anybody')
  })

  it('fences off one who comes late: tokens only grow', async () => {
    const first = await tree.lease(PATH, 10_000)
    const slow = await tree.openFile(PATH, { write: true, lease: first.token })
    await slow.write(0, bytes('slow'))
    p.pass(10_000)
    const second = await tree.lease(PATH, 10_000)
    assert.ok(second.token > first.token)
    await assert.rejects(slow.close(), { code: 'TREE_LEASED' })
    await assert.rejects(tree.renewLease(PATH, first.token, 10_000), { code: 'TREE_LEASED' })
    await tree.releaseLease(PATH, first.token)
    await assert.rejects(tree.writeFile(PATH, bytes('x')), { code: 'TREE_LEASED' })
    p.pass(10_000)
    // Nobody holds it now, but a late holder does not write as if he did.
    await assert.rejects(tree.writeFile(PATH, bytes('x'), { lease: second.token }), {
      code: 'TREE_LEASED',
    })
    assert.equal(await read(), 'first')
  })

  it('goes on when it is renewed', async () => {
    const { token, until } = await tree.lease(PATH, 10_000)
    p.pass(9000)
    assert.equal((await tree.renewLease(PATH, token, 10_000)).until, until + 9000)
    p.pass(9000)
    await assert.rejects(tree.writeFile(PATH, bytes('x')), { code: 'TREE_LEASED' })
  })

  it('is not given when the store was changed between asking and writing', async () => {
    const taken = await Promise.allSettled([tree.lease(PATH, 5000), p.as(p.node).lease(PATH, 5000)])
    const reasons = taken.flatMap(one => (one.status === 'rejected' ? [one.reason.code] : []))
    assert.deepEqual(reasons, ['TREE_LEASED'])
  })

  it('of a directory protects its names, not what is below', async () => {
    await tree.mkdir('/ROOT/dir/sub', { parents: true })
    const { token } = await tree.lease('/ROOT/dir', 5000)
    await assert.rejects(tree.mkdir('/ROOT/dir/x'), { code: 'TREE_LEASED' })
    await tree.mkdir('/ROOT/dir/sub/x')
    await tree.mkdir('/ROOT/dir/x', { lease: token })
  })

  it('lasts for a second to a day', async () => {
    for (const ms of [0, 999, 86_400_001, 1.5])
      await assert.rejects(tree.lease(PATH, ms), { code: 'TREE_RANGE' })
  })
})

describe('watching', () => {
  it('tells each change at and below the path, and no other', async () => {
    await tree.mkdir('/ROOT/dir/sub', { parents: true })
    const seen: string[] = []
    const note = ({ what, path }: Happened) =>
      void seen.push(`${what} ${path.replace(/^\/k\w+/, '')}`)
    const end = await tree.watch('/ROOT/dir', note)
    await tree.writeFile('/ROOT/elsewhere', bytes('x'))
    await tree.writeFile('/ROOT/dir/sub/a', bytes('x'))
    await p.as(p.node).writeFile('/ROOT/dir/sub/a', bytes('y'))
    await tree.rename('/ROOT/dir/sub/a', '/ROOT/dir/b')
    await tree.remove('/ROOT/dir/b')
    await tree.setAttributes('/ROOT/dir', { mode: 0o700 })
    await Promise.resolve()
    assert.deepEqual(seen, [
      'created /dir/sub/a',
      'written /dir/sub/a',
      'moved /dir/b',
      'removed /dir/b',
      'written /dir',
    ])
    end()
    await tree.mkdir('/ROOT/dir/more')
    assert.equal(seen.length, 5)
  })
})
