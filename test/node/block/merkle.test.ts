import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  EMPTY_ROOT,
  HOLE,
  holesRoot,
  isHole,
  leafHash,
  nodeHash,
  rootOver,
} from '../../../node/block/merkle-hash.ts'
import { PAGE_HASHES } from '../../../node/block/merkle-shape.ts'
import { Model, Pages, rfc9162 } from './merkle-model.ts'

const sha = (...parts: Uint8Array[]) =>
  new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest())
const leaf = (n: number) => leafHash(n, new Uint8Array([n & 255, n >> 8]))

describe('hashes of a Merkle tree', () => {
  it('are over a zero byte, index and sector, or a byte of 1 and two hashes', () => {
    const index = new Uint8Array([0, 0, 0, 1, 0, 0, 0, 2])
    const sector = new Uint8Array([9, 8, 7])
    assert.deepEqual(leafHash(2 ** 32 + 2, sector), sha(new Uint8Array([0]), index, sector))
    assert.deepEqual(nodeHash(leaf(1), leaf(2)), sha(new Uint8Array([1]), leaf(1), leaf(2)))
    assert.deepEqual(EMPTY_ROOT, sha())
  })

  it('are put together as RFC 9162 does', () => {
    for (let count = 0; count <= 200; count++) {
      const leaves = Array.from({ length: count }, (_, i) => leaf(i))
      assert.deepEqual(rootOver(Buffer.concat(leaves)), rfc9162(leaves), `${count}`)
    }
  })

  it('of holes are those of leaves of 32 zero bytes', () => {
    assert.ok(isHole(HOLE) && !isHole(leaf(0)))
    for (let height = 0; height < 8; height++)
      assert.deepEqual(
        new Uint8Array(holesRoot(height)),
        rfc9162(Array<Uint8Array>(2 ** height).fill(HOLE)),
      )
  })
})

const op = (max: number) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ t: fc.constant('set'), at: fc.nat(max), n: fc.nat(9) }) },
    {
      weight: 2,
      arbitrary: fc.record({ t: fc.constant('resize'), at: fc.nat(max), n: fc.nat(9) }),
    },
    { weight: 2, arbitrary: fc.record({ t: fc.constant('flush'), at: fc.nat(max), n: fc.nat(9) }) },
    {
      weight: 1,
      arbitrary: fc.record({ t: fc.constant('reopen'), at: fc.nat(max), n: fc.nat(9) }),
    },
  )

describe('a Merkle tree in pages', () => {
  for (const max of [5, 70, 300, 9000])
    it(`does what a plain list does, with up to ${max} sectors`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(op(max), { maxLength: 40 }), async ops => {
          const model = new Model()
          for (const { t, at, n } of ops) {
            if (t === 'set') await model.set(at, leaf(n))
            else if (t === 'resize') await model.resize(at)
            else if (t === 'flush') await model.flush()
            else await model.reopen()
          }
          await model.check()
        }),
        { numRuns: max > 1000 ? 8 : 40 },
      )
    })

  it('touches a few pages for a change, whatever its size', async () => {
    const pages = new Pages()
    const tree = pages.tree(EMPTY_ROOT, 0)
    await tree.resize(2 ** 40)
    const before = pages.keep(await tree.flush())
    assert.ok(before.pages.length <= 7, `${before.pages.length} pages`)
    const again = pages.tree(before.root, 2 ** 40)
    await again.set(2 ** 39 + 12345, leaf(1))
    const { root, pages: changed } = pages.keep(await again.flush())
    assert.equal(changed.length, 7)
    const third = pages.tree(root, 2 ** 40)
    assert.deepEqual(await third.get(2 ** 39 + 12345), leaf(1))
    assert.ok(isHole(await third.get(2 ** 39 + 12344)))
  })

  it('gives only pages that were not kept before', async () => {
    const model = new Model()
    await model.resize(1000)
    for (let i = 0; i < 1000; i++) await model.set(i, leaf(i))
    assert.equal((await model.flush()).length, 16 + 1)
    assert.equal((await model.flush()).length, 0)
    await model.set(7, leaf(7))
    assert.equal((await model.flush()).length, 0)
    await model.set(7, leaf(8))
    assert.equal((await model.flush()).length, 2)
    await model.resize(1001)
    assert.equal((await model.flush()).length, 2)
  })

  it('holds few pages while it reads many', async () => {
    const model = new Model()
    await model.resize(64 * 1000)
    for (let i = 0; i < 64 * 1000; i += 32) await model.set(i, leaf(i))
    await model.flush()
    await model.reopen()
    const order = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 64_000)
    await Promise.all(
      order.map(async i => assert.deepEqual(await model.tree.get(i), model.leaves[i])),
    )
    // More loads than pages: some were let go and fetched again.
    assert.ok(model.pages.loads > 1016, `${model.pages.loads} loads`)
  })

  it('keeps every change when many are made at once', async () => {
    const model = new Model()
    await model.resize(64 * 400)
    for (let i = 0; i < 64 * 400; i += 64) await model.set(i, leaf(i))
    await model.flush()
    await model.reopen()
    await Promise.all(
      Array.from({ length: 2000 }, (_, i) => model.set((i * 7919) % 25_600, leaf(i))),
    )
    await model.check()
  })

  it('refuses a page that was changed, cut or swapped', async () => {
    const model = new Model()
    await model.resize(3 * PAGE_HASHES)
    for (let i = 0; i < 3 * PAGE_HASHES; i++) await model.set(i, leaf(i))
    await model.flush()
    const kept = new Map(model.pages.kept)
    for (const [name, bytes] of kept) {
      const flipped = Uint8Array.from(bytes)
      flipped[40]! ^= 1
      const other = [...kept.values()].find(page => page !== bytes)!
      for (const bad of [flipped, bytes.subarray(32), other, new Uint8Array()]) {
        model.pages.kept.set(name, bad)
        const tree = model.pages.tree(model.root, 3 * PAGE_HASHES)
        const reads = [0, 64, 128].map(index => tree.get(index))
        const failed = (await Promise.allSettled(reads)).filter(
          ({ status }) => status === 'rejected',
        )
        assert.ok(failed.length > 0)
        for (const one of failed)
          assert.equal((one as PromiseRejectedResult).reason.code, 'BLOCK_MERKLE')
      }
      model.pages.kept.set(name, bytes)
    }
  })

  it('has no sector at its end', async () => {
    const tree = new Pages().tree(EMPTY_ROOT, 0)
    await tree.resize(3)
    for (const index of [3, -1, 1.5, NaN]) {
      await assert.rejects(tree.get(index), { code: 'BLOCK_INDEX' })
      await assert.rejects(tree.set(index, HOLE), { code: 'BLOCK_INDEX' })
    }
  })
})
