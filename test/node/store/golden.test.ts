import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { golden } from '../../golden/golden.ts'
import { contentOf, findings, newFolder, open, OTHER_TREE, TREE, version } from './stored.ts'

const FILES = ['store.db', 'sectors', 'freshness']
const KEY = 'of format 1'

/** A store as this program writes it: two trees, a sibling, a removed block, a note. */
async function make(): Promise<string> {
  const folder = newFolder()
  const store = await open(folder)
  const content = await contentOf([20000, 4129, 33])
  const first = await version({ content })
  const second = await version({ before: first, content: await contentOf([10]) })
  const other = await version({ owner: 'other' })
  const gone = await version()
  const pieces = [...content.pieces]
  await store.commit({ pieces, blocks: [first, other] })
  await store.commit({ blocks: [gone] })
  const { expected: _, ...loser } = first
  const lost = await contentOf([10])
  const now = await version({ before: second, id: first.id, content: lost })
  const replaced = store.block(TREE, first.id)!.hash
  await store.commit({
    pieces: lost.pieces,
    blocks: [{ ...now, expected: replaced }],
    siblings: [loser],
    removals: [{ ...gone, expected: store.block(TREE, gone.id)!.hash }],
    notes: [{ kind: 'setting', key: KEY, value: new Uint8Array([1, 2, 3]) }],
  })
  await store.close()
  return folder
}

describe('a store of format 1', () => {
  it('opens and is whole', async () => {
    const made = process.env['BT_UPDATE'] === '1' ? await make() : undefined
    const folder = newFolder()
    mkdirSync(folder)
    for (const name of FILES) {
      const bytes = golden(`store/${name}`, made ? readFileSync(join(made, name)) : undefined)
      writeFileSync(join(folder, name), bytes)
    }
    const store = await open(folder)
    const seen: string[] = []
    await store.check({
      report: finding => assert.fail(finding.message),
      version: ({ tree, stored, sibling }) => {
        assert.ok(tree === TREE || tree === OTHER_TREE)
        seen.push(`${sibling ? 'sibling' : 'block'} ${stored.generation} ${stored.content.count}`)
      },
    })
    assert.deepEqual(seen.sort(), ['block 1 0', 'block 3 1', 'sibling 1 3'])
    assert.deepEqual([...store.note('setting', KEY)!], [1, 2, 3])
    await store.commit({ blocks: [await version()] })
    assert.deepEqual(await store.collect(), { pieces: 0, bytes: 0 })
    assert.deepEqual(await findings(store), [])
    await store.close()
    assert.ok(existsSync(join(folder, 'holder')))
  })
})
