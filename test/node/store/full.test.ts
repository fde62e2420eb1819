import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { BlockWrite } from '../../../node/store/change.ts'
import { StoreError } from '../../../node/store/error.ts'
import { contentOf, findings, hashOf, newFolder, open, TREE, version } from './stored.ts'

const UNSHARE = ['--user', '--map-root-user', '--mount']
const CHILD = join(import.meta.dirname, 'full-child.ts')

/** Children are no tests: they would report to the runner. */
const { NODE_TEST_CONTEXT: _, ...ENV } = process.env

/** Why no file system can be mounted here; false when one can. */
const noMount = spawnSync('unshare', [...UNSHARE, 'true']).status === 0 ? false : 'no namespaces'

describe('a full disk', { skip: noMount }, () => {
  for (const reserve of [0, 2 << 20])
    it(`is named, harms nothing, and is forgotten when there is room; reserve ${reserve}`, async () => {
      const disk = newFolder()
      mkdirSync(disk)
      const script = 'mount -t tmpfs -o size=12m tmpfs "$1" && shift && exec "$@"'
      const command = [process.execPath, CHILD, disk, `${reserve}`]
      const args = [...UNSHARE, 'sh', '-c', script, 'sh', disk, ...command]
      await promisify(execFile)('unshare', args, { timeout: 60_000, env: ENV })
    })
})

describe('a limit on the size of files', () => {
  it('is named as a full disk when a large piece does not fit', async () => {
    const program = `
      import { contentOf, open, version } from ${JSON.stringify(join(import.meta.dirname, 'stored.ts'))}
      const store = await open(process.argv[1])
      const content = await contentOf(Array.from({ length: 40 }, () => 65569))
      const blocks = [await version({ content })]
      try {
        await store.commit({ pieces: content.pieces, blocks })
      } catch ({ code }) {
        console.log(code, store.block(blocks[0].tree, blocks[0].id))
      }
      const small = await contentOf([65569])
      const fits = await version({ content: small })
      await store.commit({ pieces: small.pieces, blocks: [fits] })
      console.log(store.block(fits.tree, fits.id).generation)
      await store.close()`
    const limited = 'ulimit -f 2048; exec "$@"'
    const node = [process.execPath, '--input-type=module', '-e', program, newFolder()]
    const { stdout } = await promisify(execFile)('sh', ['-c', limited, 'sh', ...node], { env: ENV })
    assert.match(stdout, /^STORE_FULL undefined\n1n\n/)
  })
})

describe('a quota', () => {
  it('is kept, and what is removed and collected can be used again', async () => {
    const quota = 4 << 20
    const folder = newFolder()
    const store = await open(folder, { quota })
    const written: BlockWrite[] = []
    let refused: StoreError | undefined
    while (refused === undefined) {
      const content = await contentOf([65569, 4129])
      const block = await version({ content })
      await store.commit({ pieces: content.pieces, blocks: [block] }).then(
        () => written.push(block),
        error => (refused = error),
      )
    }
    assert.ok(refused instanceof StoreError)
    assert.equal(refused.code, 'STORE_FULL')
    assert.match(refused.message, /the quota of 4194304 bytes is used up/)
    assert.ok(store.status.usedBytes <= quota && store.status.usedBytes > quota * 0.9)
    const [gone] = written
    await store.commit({ removals: [{ ...gone!, expected: hashOf(gone!.header) }] })
    await store.collect()
    const content = await contentOf([65569])
    const block = await version({ content })
    await store.commit({ pieces: content.pieces, blocks: [block] })
    assert.deepEqual(await findings(store), [])
    await store.close()
  })

  it('refuses the one change that is too large, not those beside it', async () => {
    const store = await open(newFolder(), { quota: 1 << 20 })
    const [large, small] = [await contentOf([900000, 900000]), await contentOf([1000])]
    const [a, b] = [await version({ content: large }), await version({ content: small })]
    const ends = await Promise.allSettled([
      store.commit({ pieces: large.pieces, blocks: [a] }),
      store.commit({ pieces: small.pieces, blocks: [b] }),
    ])
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['rejected', 'fulfilled'],
    )
    assert.ok(store.block(TREE, b.id))
    await store.close()
  })
})
