/**
 * The six rules of node/block/rules.ts, seen from outside: an owner and a sharer on one store. The
 * sharer has keys and a chain, and may put into the store what he likes.
 */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { forParent } from '../../../node/block/block-key.ts'
import type { Header } from '../../../node/block/header-schema.ts'
import { openHeader, signHeader, type OpenHeader } from '../../../node/block/header.ts'
import type { BlockId } from '../../../node/block/id.ts'
import { rootBlockId } from '../../../node/block/id.ts'
import { revocationFormat } from '../../../node/block/revocation.ts'
import { Session } from '../../../node/block/session.ts'
import { sectorEpoch } from '../../../node/block/sector.ts'
import type { CredentialStore } from '../../../node/crypto/credential-store.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { SymmetricKey } from '../../../node/crypto/symmetric-key.ts'
import type { Shared } from '../../../node/tree/share.ts'
import type { Tree } from '../../../node/tree/tree.ts'
import { bytes, person, plant, text, type Planted } from './planted.ts'

const HOUR = 3600_000
const START = Date.parse('2026-11-23T12:00:00Z')

describe('an owner and one who may write below /docs', () => {
  let p: Planted
  let owner: Tree
  let bob: CredentialStore
  let sharer: Tree
  let shared: Shared
  let session: Session

  beforeEach(async () => {
    p = await plant({ at: START })
    owner = p.tree
    bob = await person('bob')
    await owner.mkdir('/ROOT/docs/sub', { parents: true })
    await owner.mkdir('/ROOT/private')
    await owner.writeFile('/ROOT/docs/a', bytes('a'))
    await owner.writeFile('/ROOT/private/p', bytes('p'))
    shared = await owner.share('/ROOT/docs', bob.record, {
      write: true,
      expires: START + 48 * HOUR,
    })
    sharer = p.as(bob)
    const tree = p.root.principal
    session = new Session({
      tree,
      credentials: bob,
      chain: shared.chain!,
      clock: p.clock,
      random: systemRandom,
    })
  })
  afterEach(() => p.end())

  const idOf = async (path: string): Promise<BlockId> => (await owner.stat(path)).id
  const kept = async (path: string): Promise<OpenHeader> =>
    openHeader(p.store.block(p.root.principal, await idOf(path))!.header)

  /** Puts a header into the store that the sharer made as he liked, past all rules. */
  async function forge(path: string, change: Partial<Header>): Promise<OpenHeader> {
    const base = await kept(path)
    const { signKey: writer, chain, sign } = await session.signer()
    const time = Math.max(p.clock(), base.header.time)
    const generation = base.header.generation + 1n
    const header = {
      ...base.header,
      generation,
      previous: base.hash,
      time,
      writer,
      chain,
      ...change,
    }
    const opened = await signHeader(header, { signKey: writer, sign })
    await put(opened, base.hash)
    return opened
  }

  async function put({ header, bytes }: OpenHeader, expected: Uint8Array | undefined) {
    const { tree, id, generation, merkleRoot, sectors } = header
    const content = { root: merkleRoot.subarray(2), count: sectors }
    await p.store.commit({ blocks: [{ tree, id, generation, content, header: bytes, expected }] })
  }

  it('read and write what the other wrote', async () => {
    await sharer.writeFile(`${shared.path}/sub/b`, bytes('by bob'))
    await sharer.writeFile(`${shared.path}/a`, bytes('a by bob'))
    assert.equal(text(await owner.readFile('/ROOT/docs/sub/b')), 'by bob')
    await owner.writeFile('/ROOT/docs/a', bytes('a again'))
    assert.equal(text(await sharer.readFile(`${shared.path}/a`)), 'a again')
    assert.deepEqual((await owner.check()).findings, [])
  })

  it('see nothing outside what was shared', async () => {
    const others = ['/ROOT', '/ROOT/docs/a', `/ROOT/=${await idOf('/ROOT/private')}/p`]
    for (const path of others) await assert.rejects(sharer.readFile(path), { code: 'TREE_NO_KEY' })
    const carl = p.as(await person('carl'))
    await assert.rejects(carl.list(shared.path), { code: 'TREE_NO_KEY' })
  })

  describe('rule 1, no capture by re-parenting:', () => {
    it('the sharer’s tree refuses to move what he may not write', async () => {
      // Even when somebody gives him the key.
      const reader = await owner.share('/ROOT/private', bob.record)
      await assert.rejects(sharer.rename(`${reader.path}/p`, `${shared.path}/mine`), {
        code: 'TREE_NO_AUTHORITY',
      })
      assert.equal(text(await owner.readFile('/ROOT/private/p')), 'p')
    })

    it('a header that names another parent does not take the block along', async () => {
      const docs = await idOf('/ROOT/docs')
      const key = { epoch: 1, key: SymmetricKey.generate(systemRandom) }
      const place = { tree: p.root.principal, id: await idOf('/ROOT/private/p') }
      await forge('/ROOT/private/p', { parents: [forParent(place, key, docs, key, systemRandom)] })
      // It does not even name the directory that leads to it any more.
      await assert.rejects(owner.readFile('/ROOT/private/p'), { code: 'TREE_DAMAGED' })
      const { findings } = await owner.check()
      assert.ok(findings.some(({ says }) => says.includes('/private')))
    })

    it('nothing can be moved below itself, nor the shared directory out of where it is', async () => {
      await assert.rejects(owner.rename('/ROOT/docs', '/ROOT/docs/sub/docs'), {
        code: 'TREE_INTO_ITSELF',
      })
      await assert.rejects(sharer.rename(shared.path, `${shared.path}/sub/x`), {
        code: 'TREE_PATH',
      })
      await assert.rejects(sharer.remove(shared.path, { recursive: true }), { code: 'TREE_PATH' })
    })
  })

  it('rule 2, readers trust the path they took: a header by one with a scope elsewhere is refused', async () => {
    await forge('/ROOT/private/p', {})
    await assert.rejects(owner.readFile('/ROOT/private/p'), { code: 'CHAIN_SCOPE' })
    const { findings } = await owner.check()
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['CHAIN_SCOPE'],
    )
    // Where his scope is, the same header counts.
    await forge('/ROOT/docs/a', {})
    assert.equal(text(await owner.readFile('/ROOT/docs/a')), 'a')
  })

  describe('rule 3, no back-dating:', () => {
    it('what was written in time stays valid when the capability has ended; new writes are refused', async () => {
      await sharer.writeFile(`${shared.path}/b`, bytes('in time'))
      p.pass(49 * HOUR)
      await assert.rejects(sharer.writeFile(`${shared.path}/c`, bytes('late')), {
        code: 'TREE_NO_AUTHORITY',
      })
      assert.equal(text(await owner.readFile('/ROOT/docs/b')), 'in time')
      // Also for one who has never seen it before.
      assert.equal(text(await p.as(p.root).readFile('/ROOT/docs/b')), 'in time')
      await owner.writeFile('/ROOT/docs/b', bytes('by the owner'))
    })

    it('a header that comes when its capability has ended is refused, whatever time it claims', async () => {
      const signer = await session.signer()
      p.pass(49 * HOUR)
      const base = await kept('/ROOT/docs/a')
      const opened = await signHeader(
        {
          ...base.header,
          generation: base.header.generation + 1n,
          previous: base.hash,
          time: START + 1000,
          writer: signer.signKey,
          chain: signer.chain,
        },
        signer,
      )
      await put(opened, base.hash)
      await assert.rejects(p.as(p.node).readFile('/ROOT/docs/a'), { code: 'CHAIN_EXPIRED' })
    })

    it('times never go backwards, also when the clock does', async () => {
      p.pass(10 * HOUR)
      await owner.writeFile('/ROOT/docs/a', bytes('later'))
      const before = (await kept('/ROOT/docs/a')).header.time
      p.pass(-2 * 60_000)
      await owner.writeFile('/ROOT/docs/a', bytes('clock'))
      assert.equal((await kept('/ROOT/docs/a')).header.time, before)
      p.pass(-HOUR)
      await assert.rejects(owner.writeFile('/ROOT/docs/a', bytes('clock')), {
        code: 'BLOCK_FUTURE',
      })
    })
  })

  describe('rule 4, revocations are readable by whoever must verify:', () => {
    it('they stand in clear in the header of the scope and are carried on', async () => {
      await owner.unshare('/ROOT/docs', bob.principal)
      for (let i = 0; i < 2; i++) {
        const { revocations } = (await kept('/ROOT/docs')).header
        assert.equal(revocations.length, 1)
        assert.equal(revocationFormat.open(revocations[0]!).scope, await idOf('/ROOT/docs'))
        await owner.writeFile(`/ROOT/docs/more-${i}`, bytes('x'))
      }
    })

    it('what comes from a revoked chain is refused, what it wrote before stays', async () => {
      await sharer.writeFile(`${shared.path}/b`, bytes('before'))
      p.pass(1000)
      await owner.unshare('/ROOT/docs', bob.principal)
      p.pass(1000)
      assert.equal(text(await owner.readFile('/ROOT/docs/b')), 'before')
      assert.equal(text(await p.as(p.root).readFile('/ROOT/docs/b')), 'before')
      await forge('/ROOT/docs/a', {})
      await assert.rejects(owner.readFile('/ROOT/docs/a'), { code: 'CHAIN_REVOKED' })
    })
  })

  describe('rule 5, each sector names its key’s epoch:', () => {
    const epochs = async (path: string) => {
      const { header } = await kept(path)
      const sector = await p.store.piece(header.merkleRoot.subarray(2))
      return { header: header.epoch, sector: sectorEpoch(sector), old: header.history.length }
    }

    it('a file is read while old and new keys are mixed, until it is resealed', async () => {
      await owner.unshare('/ROOT/docs', bob.principal)
      assert.deepEqual(await epochs('/ROOT/docs/a'), { header: 1, sector: 1, old: 0 })
      await owner.setAttributes('/ROOT/docs/a', { mode: 0o600 })
      assert.deepEqual(await epochs('/ROOT/docs/a'), { header: 2, sector: 1, old: 1 })
      assert.equal(text(await owner.readFile('/ROOT/docs/a')), 'a')
      const seen: number[] = []
      const { sectors } = await owner.reseal('/ROOT', {
        progress: ({ blocks }) => seen.push(blocks),
      })
      assert.ok(sectors >= 1)
      assert.deepEqual(
        seen,
        [...seen.keys()].map(i => i + 1),
      )
      assert.deepEqual(await epochs('/ROOT/docs/a'), { header: 2, sector: 2, old: 0 })
      assert.equal(text(await owner.readFile('/ROOT/docs/a')), 'a')
      assert.deepEqual((await owner.check()).findings, [])
    })

    it('a header that claims a key it has no sector of is found', async () => {
      await forge('/ROOT/docs/a', { epoch: 7 })
      await assert.rejects(owner.readFile('/ROOT/docs/a'), { code: 'SEALED_NOT_AUTHENTIC' })
    })
  })

  it('rule 6, what leaks is what is written down: no names or contents in the store', async () => {
    const name = 'a-name-that-nobody-should-see'
    await owner.writeFile(`/ROOT/docs/${name}`, bytes(name))
    const { header } = await kept(`/ROOT/docs/${name}`)
    const stored = [
      p.store.block(p.root.principal, header.id)!.header,
      await p.store.piece(header.merkleRoot.subarray(2)),
      p.store.block(p.root.principal, await idOf('/ROOT/docs'))!.header,
    ]
    for (const one of stored) assert.ok(!Buffer.from(one).includes(name))
    // A sector shows its length to 512 bytes.
    assert.equal(stored[1]!.length, 512 + 33)
  })

  it('a header that was replaced does not come back', async () => {
    const old = await kept('/ROOT/docs/a')
    await owner.writeFile('/ROOT/docs/a', bytes('newer'))
    const now = await kept('/ROOT/docs/a')
    await assert.rejects(put(old, now.hash), { code: 'STORE_STALE' })
    assert.equal(text(await owner.readFile('/ROOT/docs/a')), 'newer')
  })

  it('a block of another one’s root is no block of this tree', async () => {
    const root = rootBlockId(p.root.principal)
    assert.notEqual(root, rootBlockId(bob.principal))
    await assert.rejects(sharer.list(`/${bob.principal}`), { code: 'TREE_NOT_FOUND' })
  })
})
