import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BlockId } from '../../../node/block/id.ts'
import { pathTo } from '../../../node/block/path.ts'
import { block, ROOT, TREE } from './sample.ts'

const deep = Array.from({ length: 70 }, (_, i) => block(`deep ${i}`))
const parents = new Map<BlockId, BlockId>(deep.map((id, i) => [id, deep[i - 1] ?? ROOT]))
const path = (id: BlockId) => pathTo(TREE, id, one => parents.get(one))

describe('the path to a block', () => {
  it('leads from the root block by first parents, over 64 blocks at most', () => {
    assert.deepEqual(path(ROOT), [ROOT])
    assert.deepEqual(path(deep[2]!), [ROOT, ...deep.slice(0, 3)])
    assert.equal(path(deep[62]!).length, 64)
    assert.throws(() => path(deep[63]!), { code: 'PATH_LONG' })
  })

  it('is broken where a parent is not known', () => {
    assert.throws(() => path(block('lost')), { code: 'PATH_BROKEN' })
  })

  it('never goes round', () => {
    const [x, y] = [block('x'), block('y')]
    const round = new Map([
      [x, y],
      [y, x],
    ])
    assert.throws(() => pathTo(TREE, x, id => round.get(id)), { code: 'PATH_CYCLE' })
    assert.throws(() => pathTo(TREE, x, () => x), { code: 'PATH_CYCLE' })
  })
})
