import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EMPTY_ROOT, isHole, leafHash } from '../../../node/block/merkle-hash.ts'
import { walkPieces } from '../../../node/block/merkle-walk.ts'
import { mapKey } from '../../../node/block/recent.ts'
import { Model } from './merkle-model.ts'

const leaf = (n: number) => leafHash(n, new Uint8Array(1))

async function pieces(model: Model, seen = new Set<string>()) {
  const found = { page: new Set<string>(), sector: new Map<string, number>() }
  const load = async (hash: Uint8Array) => model.pages.kept.get(mapKey(hash))!
  const of = { root: model.root, count: model.leaves.length, load }
  await walkPieces(of, (hash, what, index) => {
    const name = mapKey(hash)
    if (what === 'sector') found.sector.set(name, index)
    else if (seen.has(name)) return false
    else found.page.add(name)
    return true
  })
  return found
}

describe('walking over all pieces', () => {
  for (const count of [0, 1, 2, 64, 65, 128, 4096, 4097, 5000])
    it(`names each sector and page of ${count} once, and no holes`, async () => {
      const model = new Model()
      await model.resize(count)
      for (let i = 0; i < count; i += i % 3 === 0 ? 1 : 400) await model.set(i, leaf(i))
      await model.flush()
      const { sector, page } = await pieces(model)
      const expected = model.leaves.flatMap((one, i) => (isHole(one) ? [] : [[mapKey(one), i]]))
      assert.deepEqual([...sector], expected)
      for (const name of page) assert.ok(model.pages.kept.has(name))
    })

  it('skips what is below a page that was seen before', async () => {
    const model = new Model()
    await model.resize(64 * 64)
    for (let i = 0; i < 64 * 64; i++) await model.set(i, leaf(i))
    await model.flush()
    const before = await pieces(model)
    await model.set(100, leaf(7))
    await model.flush()
    const after = await pieces(model, before.page)
    assert.equal(after.page.size, 2)
    assert.equal(after.sector.size, 64)
  })

  it('finds nothing below a root of nothing', async () => {
    assert.deepEqual(new Model().root, EMPTY_ROOT)
    assert.equal((await pieces(new Model())).sector.size, 0)
  })

  it('refuses a damaged page', async () => {
    const model = new Model()
    await model.resize(100)
    await model.set(3, leaf(3))
    await model.flush()
    for (const [name, bytes] of model.pages.kept) model.pages.kept.set(name, bytes.with(0, 9))
    await assert.rejects(pieces(model), { code: 'BLOCK_MERKLE' })
  })
})
