/** Every rule of a chain, and for each a chain that breaks just it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CapabilityCache } from '../../../node/block/capability-cache.ts'
import { checkChain, type Authority, type Claim } from '../../../node/block/chain.ts'
import { multihash } from '../../../node/crypto/hash.ts'
import { Revocations } from '../../../node/block/revocations.ts'
import type { Revocation } from '../../../node/block/revocation.ts'
import { flip } from '../crypto/fixed.ts'
import { AUTHORITY, block, cap, HOUR, NOW, OWNER, ROOT, ROOTS, somebody, TREE } from './sample.ts'

const [a, b, c] = [somebody('a'), somebody('b', 'P-256'), somebody('c')]
const [dir, file] = [block('dir'), block('file')]
const PATH = [ROOT, dir, file]

const first = await cap(OWNER, a)
const second = await cap(a, b, { scope: dir, depth: 3 })
const third = await cap(b, c, { scope: file, depth: 0 })
const good: Claim = {
  tree: TREE,
  writer: c.principal,
  chain: [first, second, third],
  path: PATH,
}
const check = (change: Partial<Claim>, authority: Partial<Authority> = {}) =>
  checkChain({ ...good, ...change }, { ...AUTHORITY(), ...authority })

describe('a chain of writecaps', () => {
  it('leads from the owner to the writer, with any keys between', () => {
    const links = check({})
    assert.deepEqual(
      links.map(link => link.to),
      [a.principal, b.principal, c.principal],
    )
  })

  it('is empty for the owner', () => {
    assert.deepEqual(check({ chain: [], writer: TREE }), [])
  })

  it('allows each link’s holder to write', () => {
    check({ chain: [first], writer: a.principal, path: [ROOT] })
    check({ chain: [first, second], writer: b.principal, path: [ROOT, dir] })
    check({ chain: [first, second], writer: b.principal, path: [ROOT, dir, block('new')] })
  })

  it('may have 8 links, and a path 64 blocks', async () => {
    const people = Array.from({ length: 8 }, (_, i) => somebody(`link ${i}`))
    const chain: Uint8Array[] = []
    for (const [i, one] of people.entries())
      chain.push(await cap(people[i - 1] ?? OWNER, one, { depth: 7 - i }))
    const path = [ROOT, ...Array.from({ length: 63 }, (_, i) => block(`deep ${i}`))]
    const writer = people[7]!.principal
    check({ chain, path, writer })
    const ninth = await cap(people[7]!, c, { depth: 0 })
    assert.throws(() => check({ chain: [...chain, ninth], path }), { code: 'CHAIN_LONG' })
    assert.throws(() => check({ chain, writer, path: [...path, file] }), { code: 'PATH_LONG' })
  })

  const other = somebody('other')
  const elsewhere = somebody('elsewhere').principal
  const WRONG: [string, string, () => Promise<Partial<Claim>>][] = [
    [
      'begins with another’s link',
      'CHAIN_ROOT',
      async () => ({ chain: [await cap(other, a), second, third] }),
    ],
    ['lacks the first link', 'CHAIN_ROOT', async () => ({ chain: [second, third] })],
    ['is empty for anybody else', 'CHAIN_ROOT', async () => ({ chain: [] })],
    ['lacks a link between', 'CHAIN_ISSUER', async () => ({ chain: [first, third] })],
    [
      'has a link by one who was not given any',
      'CHAIN_ISSUER',
      async () => ({ chain: [first, await cap(other, b, { scope: dir, depth: 3 }), third] }),
    ],
    [
      'is out of order',
      'CHAIN_ISSUER',
      async () => ({ chain: [first, third, second], writer: b.principal }),
    ],
    ['is for another writer', 'CHAIN_WRITER', async () => ({ writer: other.principal })],
    [
      'is for the holder of a link before the last',
      'CHAIN_WRITER',
      async () => ({ writer: b.principal }),
    ],
    ['is for another block', 'CHAIN_SCOPE', async () => ({ path: [ROOT, dir, block('x')] })],
    ['is for a directory beside', 'CHAIN_SCOPE', async () => ({ path: [ROOT, block('x'), file] })],
    ['is for a block below the one written', 'CHAIN_SCOPE', async () => ({ path: [ROOT, dir] })],
    [
      'hands on more than was given',
      'CHAIN_WIDENED',
      async () => ({ chain: [first, second, await cap(b, c, { scope: ROOT, depth: 0 })] }),
    ],
    [
      'hands on to as many as the link before',
      'CHAIN_DEPTH',
      async () => ({ chain: [first, second, await cap(b, c, { scope: file, depth: 3 })] }),
    ],
    [
      'goes on where it must not',
      'CHAIN_DEPTH',
      async () => {
        const last = await cap(a, b, { scope: dir, depth: 0 })
        return { chain: [first, last, third] }
      },
    ],
    [
      'is not valid yet',
      'CHAIN_EARLY',
      async () => ({
        chain: [first, await cap(a, b, { scope: dir, depth: 3, notBefore: NOW + 1 }), third],
      }),
    ],
    [
      'has a link that ended this instant',
      'CHAIN_EXPIRED',
      async () => ({
        chain: [first, await cap(a, b, { scope: dir, depth: 3, expires: NOW }), third],
      }),
    ],
    [
      'has a link for another tree',
      'CHAIN_TREE',
      async () => ({
        chain: [first, await cap(a, b, { scope: dir, depth: 3, tree: elsewhere }), third],
      }),
    ],
    ['is shown for another tree', 'PATH_BROKEN', async () => ({ tree: elsewhere })],
    [
      'is for a path that does not begin at the root',
      'PATH_BROKEN',
      async () => ({ path: [dir, file] }),
    ],
    ['is for no path', 'PATH_BROKEN', async () => ({ path: [] })],
  ]
  for (const [what, code, make] of WRONG)
    it(`that ${what} is refused`, async () => {
      const change = await make()
      assert.throws(() => check(change), { name: 'BlockError', code })
    })

  it('is valid from its first instant to before its last', () => {
    check({}, { at: NOW })
    check({}, { at: NOW + HOUR - 1 })
    assert.throws(() => check({}, { at: NOW - 1 }), { code: 'CHAIN_EARLY' })
    assert.throws(() => check({}, { at: NOW + HOUR }), { code: 'CHAIN_EXPIRED' })
  })

  it('with a signature that is wrong is refused, also when the right one was seen before', () => {
    const authority = AUTHORITY()
    checkChain(good, authority)
    for (const [i, link] of good.chain.entries()) {
      const chain = good.chain.with(i, flip(link, link.length * 8 - 20))
      assert.throws(() => checkChain({ ...good, chain }, authority), { code: /^SIGNATURE_/ })
    }
  })
})

describe('a revocation', () => {
  const by = (who: { signKey: Revocation['by'] }, link: Uint8Array, at = NOW): Revocation => ({
    v: 1,
    tree: TREE,
    scope: dir,
    cap: multihash(link),
    expires: NOW + HOUR,
    by: who.signKey,
    at,
  })
  const revoked = (...all: Revocation[]) => check({}, { revocations: new Revocations(all) })

  const COUNTS: [string, Revocation][] = [
    ['the issuer of the link', by(b, third)],
    ['the issuer of a link before', by(a, third)],
    ['the owner', by(OWNER, third)],
    ['the issuer of a link in the middle', by(a, second)],
    ['the owner, of the first link', by(OWNER, first)],
  ]
  for (const [who, revocation] of COUNTS)
    it(`by ${who} counts`, () => {
      assert.throws(() => revoked(revocation), { code: 'CHAIN_REVOKED' })
    })

  const NOT: [string, Revocation][] = [
    ['the one it was given to', by(c, third)],
    ['somebody else', by(somebody('other'), third)],
    ['the holder, of the link before', by(b, second)],
    ['the holder, of the first link', by(a, first)],
  ]
  for (const [who, revocation] of NOT)
    it(`by ${who} does not count`, () => {
      revoked(revocation)
    })

  it('by an earlier owner counts as well', async () => {
    const heir = somebody('owner 1')
    const [former] = ROOTS
    const roots = [former!, { ...former!, generation: 1, key: heir.signKey }]
    const chain = [await cap(heir, a), second, third]
    const authority = (all: Revocation[]) => ({ roots, revocations: new Revocations(all) })
    check({ chain }, authority([by(c, second)]))
    assert.throws(() => check({ chain }, authority([by(OWNER, second)])), {
      code: 'CHAIN_REVOKED',
    })
  })

  it('counts among others, and only for its writecap', async () => {
    const same = await cap(b, c, { scope: file, depth: 0, expires: NOW + HOUR + 1 })
    const all = [by(c, third), by(b, same), by(a, multihash())]
    revoked(...all)
    assert.throws(() => revoked(...all, by(b, third)), { code: 'CHAIN_REVOKED' })
    assert.throws(
      () => check({ chain: [first, second, same] }, { revocations: new Revocations(all) }),
      {
        code: 'CHAIN_REVOKED',
      },
    )
  })

  it('does not hold for what was accepted before it', () => {
    const all = new Revocations([by(b, third, NOW + 5)])
    check({}, { revocations: all.until(NOW + 4) })
    assert.throws(() => check({}, { revocations: all.until(NOW + 5) }), { code: 'CHAIN_REVOKED' })
  })
})

describe('the cache of capabilities', () => {
  it('stays small', async () => {
    const cache = new CapabilityCache(4)
    const links = await Promise.all(
      Array.from({ length: 20 }, (_, i) => cap(OWNER, a, { depth: i })),
    )
    for (const link of links)
      assert.equal(cache.writecaps.open(link).value.depth, links.indexOf(link))
    assert.equal(cache.writecaps.open(links[0]!).value.depth, 0)
    assert.ok(cache.writecaps.size <= 8)
  })

  it('gives the value of a link without looking at its signature again', async () => {
    const cache = new CapabilityCache()
    const { value } = cache.writecaps.open(first)
    assert.equal(cache.writecaps.open(Uint8Array.from(first)).value, value)
  })
})
