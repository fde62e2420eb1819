import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { beforeEach, describe, it } from 'node:test'
import type { BlockWrite } from '../../../node/store/change.ts'
import type { Store } from '../../../node/store/store.ts'
import { codes, contentOf, findings, hashOf, newFolder, open, TREE, version } from './stored.ts'

let folder: string
let first: BlockWrite
let second: BlockWrite
beforeEach(async () => {
  folder = newFolder()
  const content = await contentOf([33, 34])
  first = await version({ content })
  second = await version({ before: first, content: await contentOf([35]) })
  await opened(async store => {
    await store.commit({ pieces: content.pieces, blocks: [first] })
    await store.commit({ blocks: [await version()] })
  })
})

async function opened<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = await open(folder)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

function sql(statement: string, ...values: SQLInputValue[]): void {
  const db = new DatabaseSync(join(folder, 'store.db'))
  const { changes } = db.prepare(statement).run(...values)
  db.close()
  assert.ok(Number(changes) > 0, `${statement} changed nothing`)
}

/** What a repair finds; fails unless it said that it was put right, and nothing is left. */
const mended = () =>
  opened(async store => {
    const found = await findings(store, true)
    assert.ok(found.every(({ repaired }) => repaired))
    assert.deepEqual(await findings(store), [])
    return codes(found)
  })

describe('a repair of a row', () => {
  it('takes from the header what else is in it', async () => {
    for (const change of ['count = 7', 'root = zeroblob(32)', 'acceptance = 99']) {
      sql(`UPDATE block SET ${change} WHERE no = 1`)
      assert.deepEqual(await mended(), ['STORE_DAMAGED'])
      await opened(async store => {
        const { header, content } = store.block(TREE, first.id)!
        assert.deepEqual([hashOf(header), content], [hashOf(first.header), first.content])
      })
    }
  })

  it('lets go what is no header, and remembers that there was one', async () => {
    sql("UPDATE block SET header = x'00' WHERE no = 1")
    assert.deepEqual(await mended(), ['STORE_DAMAGED', 'STORE_FOREIGN'])
    await opened(async store => {
      assert.equal(store.block(TREE, first.id), undefined)
      assert.equal(store.highest(TREE, first.id)!.generation, 1n)
      await store.commit({ blocks: [{ ...second, expected: undefined }] })
      assert.ok(store.block(TREE, first.id))
    })
  })

  it('keeps an older header beside', async () => {
    await opened(store => store.commit({ blocks: [{ ...second, content: first.content }] }))
    sql('UPDATE block SET header = ? WHERE no = 1', first.header)
    assert.deepEqual(await mended(), ['STORE_REPLAYED', 'STORE_FOREIGN'])
    await opened(async store => {
      assert.equal(store.block(TREE, first.id), undefined)
      const [beside] = store.siblings(TREE, first.id)
      assert.deepEqual(hashOf(beside!.header), hashOf(first.header))
    })
  })

  it('drops a version beside another that is not what it should be', async () => {
    const one = await version({ id: first.id, generation: 2n })
    const other = await version({ id: first.id, generation: 3n })
    await opened(store => store.commit({ siblings: [one, other] }))
    sql('UPDATE sibling SET header = ? WHERE generation = 2', other.header)
    sql('UPDATE sibling SET acceptance = 99 WHERE generation = 3')
    assert.equal((await mended()).length, 1)
    await opened(async store => {
      const left = store.siblings(TREE, first.id)
      assert.deepEqual(
        left.map(({ generation }) => generation),
        [3n],
      )
    })
  })
})
