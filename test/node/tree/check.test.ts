import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { sealAttributes, openAttributes, type Attributes } from '../../../node/block/attributes.ts'
import { forParent, fromParent, fromReadcap } from '../../../node/block/block-key.ts'
import type { Header } from '../../../node/block/header-schema.ts'
import { openHeader, signHeader, type OpenHeader } from '../../../node/block/header.ts'
import { newBlockId, rootBlockId, type BlockId } from '../../../node/block/id.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { SymmetricKey } from '../../../node/crypto/symmetric-key.ts'
import type { Finding } from '../../../node/tree/check.ts'
import { bytes, plant, text, type Planted } from './planted.ts'

let folder: string
let p: Planted
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bt-check-'))
  p = await plant({ folder })
  await p.tree.mkdir('/ROOT/docs/sub', { parents: true })
  await p.tree.writeFile('/ROOT/docs/a', bytes('content of a'))
  await p.tree.writeFile('/ROOT/docs/sub/b', bytes('content of b'))
  await p.tree.writeFile('/ROOT/c', bytes('content of c'))
})
afterEach(async () => {
  await p.end()
  rmSync(folder, { recursive: true })
})

const idOf = async (path: string) => (await p.tree.stat(path, { follow: false })).id
const kept = (id: BlockId) => openHeader(p.store.block(p.root.principal, id)!.header)
const says = (findings: readonly Finding[]) =>
  findings.map(one => one.says.replaceAll(/\/k\w{50,}/g, ''))
const read = async (path: string) => text(await p.tree.readFile(path))

/** Changes the database of the closed store, and opens it again. */
async function damage(sql: string, ...values: (Uint8Array | number)[]): Promise<void> {
  await p.end()
  const db = new DatabaseSync(join(folder, 'store', 'store.db'))
  const { changes } = db.prepare(sql).run(...values)
  db.close()
  p = await plant({ folder })
  assert.equal(Number(changes), 1)
}

/** The only sector of a block becomes another one. */
async function damageSector(path: string): Promise<void> {
  const { header } = kept(await idOf(path))
  const leaf = header.merkleRoot.subarray(2)
  const sector = Uint8Array.from(await p.store.piece(leaf))
  sector[100]! ^= 1
  await damage(
    'UPDATE small SET bytes = ? WHERE no = (SELECT -place FROM piece WHERE hash = ?)',
    sector,
    leaf,
  )
}

/** What the owner’s key signs, whatever it is. */
async function forge(path: string, change: Partial<Header>): Promise<OpenHeader> {
  const base = kept(await idOf(path))
  const next = { generation: base.header.generation + 1n, previous: base.hash, time: Date.now() }
  return put({ ...base.header, ...next, writer: p.root.signKey, chain: [], ...change }, base)
}

async function put(header: Header, base: OpenHeader | undefined): Promise<OpenHeader> {
  const opened = await signHeader(header, p.root)
  const { tree, id, generation, merkleRoot, sectors } = header
  const content = { root: merkleRoot.subarray(2), count: sectors }
  const expected = base?.hash
  await p.store.commit({
    blocks: [{ tree, id, generation, content, header: opened.bytes, expected }],
  })
  return opened
}

/** The key of a block that lies at the top of the tree. */
async function keyOf(path: string): Promise<SymmetricKey> {
  const root = kept(rootBlockId(p.root.principal)).header
  const readcap = root.readcaps.find(({ reader }) => reader === p.root.principal)!
  const { header } = kept(await idOf(path))
  return fromParent(header, header.parents[0]!, await fromReadcap(root, readcap, p.root))
}

async function describeAs(
  path: string,
  change: Partial<Attributes>,
  without?: 'target',
): Promise<void> {
  const { header } = kept(await idOf(path))
  const key = await keyOf(path)
  const before = openAttributes(key, header, header.epoch, header.attributes)
  const attributes = { ...before, ...change }
  if (without) delete attributes[without]
  await forge(path, {
    attributes: sealAttributes(key, header, header.epoch, attributes, systemRandom),
  })
}

async function repaired(): Promise<string[]> {
  const { findings } = await p.tree.check({ repair: true })
  assert.deepEqual((await p.tree.check()).findings, [])
  return says(findings)
}

describe('fsck of a tree', () => {
  it('finds nothing where nothing is wrong, and tells how far it has come', async () => {
    const seen = { store: [] as number[], tree: [] as number[] }
    const { blocks, bytes, findings } = await p.tree.check({
      progress: (n, step) => void seen[step].push(n),
    })
    assert.deepEqual([blocks, bytes, findings], [6, 36, []])
    assert.deepEqual(seen, { store: [1, 2, 3, 4, 5, 6], tree: [1, 2, 3, 4, 5, 6] })
    await assert.rejects(p.tree.check({ signal: AbortSignal.abort(new Error('enough')) }), /enough/)
  })

  it('says which bytes of a file are lost, and leaves it', async () => {
    await damageSector('/ROOT/docs/a')
    const { findings } = await p.tree.check()
    assert.match(says(findings).at(-1)!, /^\/docs\/a: bytes 0 to 12 are lost: /)
    await assert.rejects(p.tree.readFile('/ROOT/docs/a'), { code: 'BLOCK_MERKLE' })
    assert.equal(await read('/ROOT/docs/sub/b'), 'content of b')
  })

  it('gives back what was in a directory that is damaged, in lost+found', async () => {
    const [a, sub] = [await idOf('/ROOT/docs/a'), await idOf('/ROOT/docs/sub')]
    await damageSector('/ROOT/docs')
    await assert.rejects(p.tree.list('/ROOT/docs'), { code: 'BLOCK_MERKLE' })
    const found = (await repaired()).join('\n')
    assert.match(found, /\/docs: some names are lost/)
    assert.match(found, new RegExp(`block ${a} was in no directory: it is now /lost\\+found/${a}`))
    assert.deepEqual(await p.tree.list('/ROOT/docs'), [])
    assert.equal(await read(`/ROOT/lost+found/${a}`), 'content of a')
    assert.equal(await read(`/ROOT/lost+found/${sub}/b`), 'content of b')
    assert.equal((await p.tree.list('/ROOT/lost+found')).length, 2)
    await p.tree.writeFile('/ROOT/docs/a', bytes('again'))
  })

  it('takes away a name whose block is gone', async () => {
    const id = Buffer.from(await idOf('/ROOT/docs/a'), 'hex')
    await damage('UPDATE known SET no = NULL WHERE id = ?', id)
    const { findings } = await p.tree.check()
    assert.match(says(findings).join('\n'), /the entry "a" leads to a block that is not here/)
    assert.match((await repaired()).join('\n'), /\/docs: the directory was written anew/)
    assert.deepEqual(
      (await p.tree.list('/ROOT/docs')).map(({ name }) => name),
      ['sub'],
    )
  })

  it('makes a file again from a version that was kept beside it', async () => {
    const handle = await p.tree.openFile('/ROOT/docs/a', { write: true })
    await p.tree.writeFile('/ROOT/docs/a', bytes('the version beside it'))
    await handle.write(0, bytes('CONTENT'))
    await handle.close()
    const id = Buffer.from(await idOf('/ROOT/docs/a'), 'hex')
    await damage('UPDATE known SET no = NULL WHERE id = ?', id)
    const found = await p.tree.check({ repair: true })
    assert.match(
      says(found.findings).join('\n'),
      /"a" is there again, from a version kept beside it/,
    )
    assert.equal(await read('/ROOT/docs/a'), 'the version beside it')
  })

  it('corrects how many names a file has, and a directory', async () => {
    await describeAs('/ROOT/c', { links: 9 })
    await describeAs('/ROOT/docs', { entries: 7 })
    const { findings } = await p.tree.check()
    assert.deepEqual(says(findings).sort(), [
      '/c: it has 1 names, but says 9',
      '/docs: it has 2 names, but says 7',
    ])
    await repaired()
    assert.equal((await p.tree.stat('/ROOT/c')).links, 1)
    assert.equal((await p.tree.stat('/ROOT/docs')).entries, 2)
    await p.tree.remove('/ROOT/c')
  })

  it('says when a size does not fit, or a symlink leads nowhere', async () => {
    await p.tree.symlink('c', '/ROOT/link')
    await describeAs('/ROOT/c', { size: 10 ** 6 })
    await describeAs('/ROOT/link', {}, 'target')
    const { findings } = await p.tree.check()
    assert.deepEqual(says(findings).sort(), [
      '/c: it has 1000000 bytes, but 1 sectors of 65536',
      '/link: the symlink leads nowhere',
    ])
  })

  it('drops what nobody can read, and what nobody had a right to write', async () => {
    const { header } = kept(await idOf('/ROOT/c'))
    const other = { epoch: 1, key: SymmetricKey.generate(systemRandom) }
    const id = newBlockId(systemRandom)
    const { previous: _, ...rest } = header
    const parents = [
      forParent({ tree: header.tree, id }, other, header.parents[0]!.id, other, systemRandom),
    ]
    await put(
      { ...rest, id, generation: 1n, parents, writer: p.root.signKey, chain: [] },
      undefined,
    )
    const { findings } = await p.tree.check()
    assert.deepEqual(says(findings), [`block ${id} is in no directory`])
    assert.deepEqual(await repaired(), [
      `block ${id} was in no directory: it can’t be read and was dropped`,
    ])
  })

  it('finds a header that its writer had no right to', async () => {
    const base = kept(await idOf('/ROOT/c'))
    const generation = base.header.generation + 1n
    const header = {
      ...base.header,
      generation,
      previous: base.hash,
      writer: p.node.signKey,
      chain: [],
    }
    const opened = await signHeader(header, p.node)
    const { tree, id, merkleRoot, sectors } = header
    const content = { root: merkleRoot.subarray(2), count: sectors }
    await p.store.commit({
      blocks: [{ tree, id, generation, content, header: opened.bytes, expected: base.hash }],
    })
    const { findings } = await p.tree.check()
    assert.equal(findings[0]!.code, 'CHAIN_ROOT')
    assert.match(says(findings)[0]!, /^\/c: /)
    await repaired()
    await assert.rejects(p.tree.stat('/ROOT/c'), { code: 'TREE_NOT_FOUND' })
  })
})
