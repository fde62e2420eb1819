/** Fills the file system of a folder; run by `full.test.ts` on a small one. Ends with 0 when all is well. */
import assert from 'node:assert/strict'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BlockWrite } from '../../../node/store/change.ts'
import { StoreError } from '../../../node/store/error.ts'
import type { Store } from '../../../node/store/store.ts'
import { contentOf, findings, hashOf, open, TREE, version } from './stored.ts'

const [disk, reserveText] = process.argv.slice(2) as [string, string]
const reserve = Number(reserveText)
const folder = join(disk, 'store')

/** Writes until there is no room; gives what was written. */
async function fill(store: Store, lengths: readonly number[]): Promise<BlockWrite[]> {
  const written: BlockWrite[] = []
  for (;;) {
    const content = await contentOf(lengths)
    const block = await version({ content })
    try {
      await store.commit({ pieces: content.pieces, blocks: [block] })
      written.push(block)
    } catch (error) {
      assert.ok(error instanceof StoreError && error.code === 'STORE_FULL', `${error}`)
      assert.equal(store.block(TREE, block.id), undefined)
      return written
    }
  }
}

async function expectAll(store: Store, blocks: readonly BlockWrite[]): Promise<void> {
  for (const { id, header } of blocks)
    assert.equal(Buffer.compare(store.block(TREE, id)!.header, header), 0)
  assert.deepEqual(await findings(store), [])
}

const ballast = join(disk, 'ballast')
writeFileSync(ballast, new Uint8Array(3 << 20))
let store = await open(folder, { reserve })
const kept: BlockWrite[] = []
for (const lengths of [[65569, 65569, 20000], [4129, 4129, 100], [], [65569], [16000]])
  kept.push(...(await fill(store, lengths)))
assert.ok(kept.length > 20, `${kept.length} written`)
const { bavail, bsize } = statfsSync(disk)
assert.ok(bavail * bsize < reserve + (1 << 18), `${bavail * bsize} bytes are free`)
await expectAll(store, kept)

// A stage fails in the same way, and leaves nothing.
const stage = store.stage()
await assert.rejects(
  async () => {
    for (;;) {
      const { pieces } = await contentOf([65569, 4129, 4129, 4129])
      await stage.add(pieces)
      await stage.flush()
    }
  },
  { code: 'STORE_FULL' },
)
stage.close()
await expectAll(store, kept)

// Room comes back from outside.
rmSync(ballast)
const more = await contentOf([65569, 4129])
const block = await version({ content: more })
await store.commit({ pieces: more.pieces, blocks: [block] })
kept.push(block, ...(await fill(store, [65569, 4129])))
await expectAll(store, kept)

// What was removed makes room, when there is a reserve to remove it with.
if (reserve > 0) {
  for (const gone of kept.splice(0, 20))
    await store.commit({ removals: [{ ...gone, expected: hashOf(gone.header) }] })
  await store.collect()
  const again = await fill(store, [65569, 65569])
  assert.ok(again.length > 5, `${again.length} written again`)
  kept.push(...again)
}
await store.close()
store = await open(folder, { reserve })
await expectAll(store, kept)
await store.close()
