/** What a node does when it is asked, on a real directory: pages, versions, leases, watching, checking. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openHeader, signHeader } from '../../../node/block/header.ts'
import { ED25519, X25519 } from '../../../node/crypto/algorithm.ts'
import { generateKeyPairs, recordOf, storeOf } from '../../../node/crypto/key-pairs.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { parseBlockId } from '../../../node/block/id.ts'
import { openDirectory, type NodeDirectory } from '../../../node/dir/open.ts'
import type { Client } from '../../../node/rpc/client.ts'
import { serviceOf } from '../../../node/rpc/service.ts'
import { prepareNode, type Prepared } from '../../harness/directory.ts'
import { local } from './service.ts'

let node: Prepared
let directory: NodeDirectory
let client: Client
before(async () => {
  node = await prepareNode()
  directory = await openDirectory(node.path)
  client = local(serviceOf(directory))
})
after(async () => {
  client.close()
  await directory.close()
})

const write = (path: string, text: string, more: object = {}) =>
  client.write({ path, ...more }, [Buffer.from(text)])
async function read(path: string, more: object = {}): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of client.read({ path, ...more })) parts.push(Uint8Array.from(part))
  return Buffer.concat(parts).toString()
}

describe('a directory of many names', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `${i % 7}-${'ü\n'.repeat(60)}-${i}`)
  before(async () => {
    await client.call('file.mkdir', { path: '/ROOT/many' })
    await Promise.all(
      names.map(name => directory.tree.writeFile(`/ROOT/many/${name}`, new Uint8Array())),
    )
  })

  it('is listed in pages, each name once, and a page is asked for once', async () => {
    const seen: string[] = []
    let page = await client.call('file.list', { path: '/ROOT/many' })
    const { cursor: first } = page
    for (;;) {
      seen.push(...page.entries.map(({ name }) => name))
      if (page.cursor === undefined) break
      page = await client.call('file.list', { path: '/ROOT/many', cursor: page.cursor })
    }
    assert.deepEqual([...seen].sort(), [...names].sort())
    assert.ok(first !== undefined)
    await assert.rejects(client.call('file.list', { path: '/ROOT/many', cursor: first }), {
      code: 'RPC_PARAMS',
      message: /not known any more: list again/,
    })
  })

  it('that nobody asks for to its end is forgotten at last', async () => {
    const { cursor } = await client.call('file.list', { path: '/ROOT/many' })
    for (let i = 0; i < 32; i++) await client.call('file.list', { path: '/ROOT/many' })
    await assert.rejects(client.call('file.list', { path: '/ROOT/many', cursor: cursor! }), {
      code: 'RPC_PARAMS',
    })
  })
})

describe('a file', () => {
  it('is read in part, and not beyond its end', async () => {
    await write('/ROOT/digits', '0123456789')
    assert.equal(await read('/ROOT/digits', { offset: 3, length: 4 }), '3456')
    assert.equal(await read('/ROOT/digits', { offset: 8, length: 100 }), '89')
    assert.equal(await read('/ROOT/digits', { offset: 10 }), '')
    assert.equal(await read('/ROOT/digits', { offset: 99 }), '')
  })

  it('is written over the version that the writer knows, or not', async () => {
    const { generation } = await write('/ROOT/v', 'one')
    await write('/ROOT/v', 'two', { expected: generation })
    await assert.rejects(write('/ROOT/v', 'three', { expected: generation }), {
      reason: 'TREE_CONFLICT',
    })
    assert.equal(await read('/ROOT/v'), 'two')
    await assert.rejects(write('/ROOT/v', 'x', { create: 'only' }), { reason: 'TREE_EXISTS' })
    await assert.rejects(write('/ROOT/w', 'x', { create: 'never' }), { reason: 'TREE_NOT_FOUND' })
    await assert.rejects(write('/ROOT/w', 'x', { create: 'ever' }), {
      code: 'RPC_PARAMS',
      message: /create: expected one of never, only/,
    })
    const { versions } = await client.call('file.versions', { path: '/ROOT/v' })
    assert.deepEqual(
      versions.map(({ current }) => current),
      [true],
    )
    await client.call('file.keep', { path: '/ROOT/v', version: versions[0]!.hash })
  })

  it('that is leased is written with the token only', async () => {
    await write('/ROOT/leased', 'one')
    const { token } = await client.call('lease.take', { path: '/ROOT/leased', ms: 60_000 })
    await assert.rejects(write('/ROOT/leased', 'x'), { reason: 'TREE_LEASED' })
    await assert.rejects(client.call('lease.take', { path: '/ROOT/leased', ms: 60_000 }), {
      reason: 'TREE_LEASED',
    })
    await write('/ROOT/leased', 'two', { lease: token })
    await client.call('lease.renew', { path: '/ROOT/leased', token, ms: 1000 })
    await client.call('lease.release', { path: '/ROOT/leased', token })
    await write('/ROOT/leased', 'three')
  })

  it('has links, symlinks and attributes', async () => {
    await write('/ROOT/original', 'text')
    await client.call('file.link', { path: '/ROOT/original', to: '/ROOT/second' })
    await client.call('file.symlink', { path: '/ROOT/soft', target: 'original' })
    await client.call('file.attributes', { path: '/ROOT/second', mode: 0o600, modified: 5 })
    const stat = await client.call('file.stat', { path: '/ROOT/soft' })
    assert.deepEqual([stat.mode, stat.modified, stat.links], [0o600, 5, 2])
    const soft = await client.call('file.stat', { path: '/ROOT/soft', follow: false })
    assert.deepEqual([soft.kind, soft.target], ['symlink', 'original'])
  })
})

describe('watching', () => {
  it('tells of changes below a path until it is stopped', async () => {
    await client.call('file.mkdir', { path: '/ROOT/watched' })
    const stop = new AbortController()
    const seen: string[] = []
    const watching = client.watch(
      '/ROOT/watched',
      ({ path, what }) => {
        seen.push(`${what} ${path.split('/').at(-1)}`)
        if (seen.includes('removed a')) stop.abort()
      },
      stop.signal,
    )
    await client.call('node.status', {})
    await write('/ROOT/elsewhere', 'x')
    await write('/ROOT/watched/a', 'x')
    await client.call('file.remove', { path: '/ROOT/watched/a' })
    await watching
    assert.ok(seen.includes('created a') || seen.includes('written a'), seen.join())
    assert.ok(!seen.join().includes('elsewhere'))
  })
})

describe('checking', () => {
  it('tells how far it is, and finds a header whose writer had no right to it', async () => {
    await write('/ROOT/victim', 'text')
    const steps: number[] = []
    const onProgress = (done: number) => void steps.push(done)
    const clean = await client.long('check', {}, { onProgress })
    assert.deepEqual(clean.findings, [])
    assert.ok(clean.blocks > 1000 && steps.length > 0)

    const { id: text } = await client.call('file.stat', { path: '/ROOT/victim' })
    const [tree, id] = [node.root, parseBlockId(text)]
    const stored = directory.store.block(tree, id)!
    const keys = generateKeyPairs({ sign: ED25519, decrypt: X25519 }, systemRandom)
    const thief = storeOf('memory', keys, await recordOf(keys))
    const { header } = openHeader(stored.header)
    const forged = await signHeader(
      {
        ...header,
        writer: thief.signKey,
        generation: header.generation + 1n,
        previous: stored.hash,
      },
      thief,
    )
    const { generation } = forged.header
    const { content, hash: expected } = stored
    await directory.store.commit({
      blocks: [{ tree, id, generation, content, header: forged.bytes, expected }],
    })
    const { findings } = await client.call('check', {})
    assert.equal(findings.length, 1)
    assert.match(findings[0]!.code, /^CHAIN_/)
    assert.match(findings[0]!.says, /^\/ROOT\/victim: /)
    assert.equal(findings[0]!.repaired, false)
  })
})
