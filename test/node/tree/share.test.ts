import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { openHeader } from '../../../node/block/header.ts'
import type { CredentialStore } from '../../../node/crypto/credential-store.ts'
import { successorCommitment } from '../../../node/crypto/root-key.ts'
import { REQUESTS_MAX } from '../../../node/tree/requests.ts'
import type { Tree } from '../../../node/tree/tree.ts'
import { bytes, person, plant, text, type Planted } from './planted.ts'

const HOUR = 3600_000
const START = Date.parse('2026-11-23T12:00:00Z')

let p: Planted
let owner: Tree
let bob: CredentialStore
let carl: CredentialStore
beforeEach(async () => {
  p = await plant({ at: START })
  owner = p.tree
  ;[bob, carl] = [await person('bob'), await person('carl')]
  await owner.mkdir('/ROOT/docs/sub', { parents: true })
  await owner.writeFile('/ROOT/docs/sub/file', bytes('old'))
  await owner.writeFile('/ROOT/docs/other', bytes('other'))
})
afterEach(() => p.end())

const epoch = async (path: string) => {
  const { id } = await owner.stat(path)
  return openHeader(p.store.block(p.root.principal, id)!.header).header.epoch
}

describe('sharing', () => {
  it('to read lets nobody write', async () => {
    const { path, chain } = await owner.share('/ROOT/docs', bob.record)
    assert.equal(chain, undefined)
    const reader = p.as(bob)
    assert.equal(text(await reader.readFile(`${path}/sub/file`)), 'old')
    await assert.rejects(reader.writeFile(`${path}/sub/file`, bytes('x')), {
      code: 'TREE_NO_AUTHORITY',
    })
    await assert.rejects(reader.mkdir(`${path}/x`), { code: 'TREE_NO_AUTHORITY' })
    assert.deepEqual(await owner.shares('/ROOT/docs'), [{ reader: bob.principal, write: false }])
  })

  it('to write ends when it was said to', async () => {
    const expires = START + HOUR
    const shared = await owner.share('/ROOT/docs', bob.record, { write: true, expires })
    assert.equal(shared.expires, expires)
    assert.deepEqual(await owner.shares('/ROOT/docs'), [
      { reader: bob.principal, write: true, expires },
    ])
    const writer = p.as(bob)
    await writer.writeFile(`${shared.path}/x`, bytes('x'))
    p.pass(HOUR)
    await assert.rejects(writer.writeFile(`${shared.path}/y`, bytes('y')), {
      code: 'TREE_NO_AUTHORITY',
    })
    assert.equal(text(await owner.readFile('/ROOT/docs/x')), 'x')
    await assert.rejects(owner.share('/ROOT/docs', bob.record, { write: true, expires }), {
      code: 'TREE_RANGE',
    })
  })

  it('can be handed on as often as was said, below what was shared, and is revoked with it', async () => {
    const first = await owner.share('/ROOT/docs', bob.record, { write: true, depth: 2 })
    const second = await p.as(bob).share(`${first.path}/sub`, carl.record, { write: true })
    await p.as(carl).writeFile(`${second.path}/by-carl`, bytes('carl'))
    assert.equal(text(await owner.readFile('/ROOT/docs/sub/by-carl')), 'carl')
    const dora = await person('dora')
    const further = p.as(carl).share(second.path, dora.record, { write: true })
    await assert.rejects(further, { code: 'TREE_NO_AUTHORITY' })
    await assert.rejects(p.as(carl).unshare(second.path, bob.principal), { code: 'TREE_NOT_FOUND' })
    p.pass(1000)
    await owner.unshare('/ROOT/docs', bob.principal)
    await assert.rejects(p.as(carl).writeFile(`${second.path}/late`, bytes('x')), {
      code: 'CHAIN_REVOKED',
    })
  })

  it('is refused for what is no record of a principal', async () => {
    const record = Uint8Array.from(bob.record)
    record[50]! ^= 1
    await assert.rejects(owner.share('/ROOT/docs', record), { code: 'SIGNATURE_WRONG' })
  })
})

describe('taking back', () => {
  it('gives new keys to what is written from now on, all the way down', async () => {
    const { path } = await owner.share('/ROOT/docs', bob.record)
    await owner.share('/ROOT/docs', carl.record)
    await owner.unshare('/ROOT/docs', bob.principal)
    assert.deepEqual([await epoch('/ROOT/docs'), await epoch('/ROOT/docs/sub')], [2, 1])
    await owner.writeFile('/ROOT/docs/sub/file', bytes('new'))
    const now = await Promise.all(
      ['', '/sub', '/sub/file', '/other'].map(one => epoch(`/ROOT/docs${one}`)),
    )
    assert.deepEqual(now, [2, 2, 2, 1])
    await assert.rejects(p.as(bob).readFile(`${path}/sub/file`), { code: 'TREE_NO_KEY' })
    assert.equal(text(await p.as(carl).readFile(`${path}/sub/file`)), 'new')
    await assert.rejects(owner.unshare('/ROOT/docs', bob.principal), { code: 'TREE_NOT_FOUND' })
  })

  it('makes what is new in an old directory unreadable too', async () => {
    await owner.share('/ROOT/docs', bob.record)
    await owner.unshare('/ROOT/docs', bob.principal)
    await owner.mkdir('/ROOT/docs/sub/new')
    assert.equal(await epoch('/ROOT/docs/sub'), 2)
    const handle = await owner.openFile('/ROOT/docs/other', { write: true })
    await handle.write(0, bytes('x'))
    await handle.close()
    assert.equal(await epoch('/ROOT/docs/other'), 2)
  })

  it('reaches files that have another name elsewhere', async () => {
    await owner.mkdir('/ROOT/elsewhere')
    await owner.link('/ROOT/docs/other', '/ROOT/elsewhere/link')
    await owner.share('/ROOT/docs', bob.record)
    await owner.unshare('/ROOT/docs', bob.principal)
    await owner.writeFile('/ROOT/docs/other', bytes('new'))
    assert.equal(text(await owner.readFile('/ROOT/elsewhere/link')), 'new')
    assert.equal(await epoch('/ROOT/docs/other'), 2)
  })

  it('a moved block gets a new key: who reads only the old directory does not follow it', async () => {
    const { path } = await owner.share('/ROOT/docs', bob.record)
    await owner.rename('/ROOT/docs/other', '/ROOT/other')
    assert.equal(await epoch('/ROOT/other'), 2)
    const { id } = await owner.stat('/ROOT/other')
    await assert.rejects(p.as(bob).readFile(`${path}/other`), { code: 'TREE_NOT_FOUND' })
    await assert.rejects(p.as(bob).readFile(`/ROOT/=${id}`), { code: 'TREE_NO_KEY' })
  })

  it('resealing goes through all, can be stopped, and goes on', async () => {
    await owner.share('/ROOT/docs', bob.record)
    await owner.writeFile('/ROOT/docs/large', new Uint8Array(3_000_000).fill(7))
    await owner.unshare('/ROOT/docs', bob.principal)
    const stop = new AbortController()
    let before = 0
    const stopped = owner.reseal('/ROOT', {
      signal: stop.signal,
      progress: ({ blocks, sectors }) => {
        before = sectors
        if (blocks === 2) stop.abort(new Error('stopped'))
      },
    })
    await assert.rejects(stopped, /stopped/)
    const { sectors, blocks } = await owner.reseal('/ROOT')
    // 46 of the large file, one each of two others, and the names of two directories.
    assert.ok(before > 0 && before + sectors >= 48, `${before} and ${sectors} sectors`)
    assert.equal(blocks, 6)
    const id = p.root.principal
    for (const path of [
      '/ROOT/docs',
      '/ROOT/docs/sub',
      '/ROOT/docs/sub/file',
      '/ROOT/docs/large',
    ]) {
      const { header } = openHeader(p.store.block(id, (await owner.stat(path)).id)!.header)
      assert.deepEqual([path, header.epoch, header.history.length], [path, 2, 0])
    }
    assert.ok((await owner.readFile('/ROOT/docs/large')).every(byte => byte === 7))
    assert.deepEqual(await owner.reseal('/ROOT'), { blocks: 6, sectors: 0 })
    assert.deepEqual((await owner.check()).findings, [])
  })

  it('resealing beside writers harms nobody', async () => {
    await owner.share('/ROOT/docs', bob.record)
    for (let i = 0; i < 20; i++) await owner.writeFile(`/ROOT/docs/${i}`, bytes(`${i}`))
    await owner.unshare('/ROOT/docs', bob.principal)
    const writing = Promise.all(
      Array.from({ length: 20 }, (_, i) => owner.writeFile(`/ROOT/docs/${i}`, bytes(`${i} new`))),
    )
    await Promise.all([owner.reseal('/ROOT'), writing])
    for (let i = 0; i < 20; i++)
      assert.equal(text(await owner.readFile(`/ROOT/docs/${i}`)), `${i} new`)
    assert.deepEqual((await owner.check()).findings, [])
  })
})

describe('requests', () => {
  it('wait until they are approved, with what was asked for', async () => {
    const asking = p.as(bob)
    const asked = await asking.request('/ROOT/docs', { write: true, note: 'for the minutes' })
    p.pass(1)
    await asking.request('/ROOT', {})
    const waiting = owner.requests()
    assert.deepEqual(
      waiting.map(({ from, write, note }) => [from, write, note]),
      [
        [bob.principal, true, 'for the minutes'],
        [bob.principal, false, undefined],
      ],
    )
    const { path } = await owner.approve(asked.id, { expires: START + HOUR })
    await asking.writeFile(`${path}/x`, bytes('x'))
    assert.deepEqual(await owner.deny(waiting[1]!.id), waiting[1])
    assert.deepEqual(owner.requests(), [])
    await assert.rejects(owner.approve(asked.id), { code: 'TREE_NO_REQUEST' })
    await assert.rejects(owner.deny(asked.id), { code: 'TREE_NO_REQUEST' })
  })

  it('are bounded in number and length', async () => {
    const asking = p.as(bob)
    await assert.rejects(asking.request('/ROOT', { note: 'x'.repeat(501) }), {
      code: 'CODEC_LENGTH',
    })
    for (let i = 0; i < REQUESTS_MAX; i++) await asking.request('/ROOT', { note: `${i}` })
    await assert.rejects(asking.request('/ROOT'), { code: 'TREE_FULL' })
  })
})

describe('the next root key', () => {
  it('takes over: what was shared goes on, what the old one signs does not', async () => {
    const shared = await owner.share('/ROOT/docs', bob.record, { write: true })
    const [next, third] = [await person('next root'), await person('third root')]
    await assert.rejects(owner.rotate(third, successorCommitment(next.signKey)), {
      code: 'ROOT_SUCCESSOR_OTHER',
    })
    p.pass(1000)
    await owner.rotate(next, successorCommitment(third.signKey))
    p.pass(1000)
    await owner.writeFile('/ROOT/docs/after', bytes('after'))
    await p.as(bob).writeFile(`${shared.path}/by-bob`, bytes('bob'))
    for (const tree of [owner, p.as(next)]) {
      assert.equal(text(await tree.readFile('/ROOT/docs/sub/file')), 'old')
      assert.equal(text(await tree.readFile('/ROOT/docs/by-bob')), 'bob')
    }
    await assert.rejects(p.as(p.root).writeFile('/ROOT/x', bytes('x')), { code: 'TREE_NO_KEY' })
    await p.as(next).writeFile('/ROOT/by-the-new-one', bytes('x'))
    assert.deepEqual((await owner.check()).findings, [])
  })
})
