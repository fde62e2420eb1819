import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { openDirectory } from '../../../node/dir/open.ts'
import { tidying } from '../../../node/dir/tidy.ts'
import { prepareNode } from '../../harness/directory.ts'

describe('a store that has grown', () => {
  it('is freed of what was replaced; what is in use stays, and nothing is done for a little', async () => {
    const { path } = await prepareNode()
    const directory = await openDirectory(path)
    try {
      const { store, tree } = directory
      const look = tidying(store, 5_000_000)
      assert.equal(await look(), undefined)
      const bytes = randomBytes(3_000_000)
      for (let i = 0; i < 2; i++) await tree.writeFile('/ROOT/a', bytes)
      const before = store.status.usedBytes
      const done = await look()
      assert.ok(done && done.bytes >= 3_000_000 && done.bytes < 4_000_000, JSON.stringify(done))
      assert.ok(store.status.usedBytes < before - 3_000_000)
      assert.ok(bytes.equals(await tree.readFile('/ROOT/a')))
      await tree.writeFile('/ROOT/a', bytes)
      assert.equal(await look(), undefined, 'it has not grown much since')
      assert.deepEqual((await tree.check()).findings, [])
    } finally {
      await directory.close()
    }
  })
})
