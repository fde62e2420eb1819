/** Any chain of links is taken when a plain model of the rules takes it, and only then. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CapabilityCache } from '../../../node/block/capability-cache.ts'
import { checkChain } from '../../../node/block/chain.ts'
import { BlockError } from '../../../node/block/error.ts'
import { Revocations } from '../../../node/block/revocations.ts'
import { multihash } from '../../../node/crypto/hash.ts'
import { AUTHORITY, block, cap, NOW, OWNER, ROOT, somebody, TREE } from './sample.ts'

const PEOPLE = [OWNER, ...['a', 'b', 'c', 'd'].map(name => somebody(name))]
const BLOCKS = [ROOT, ...['1', '2', '3', 'beside'].map(name => block(name))]
const PATH = BLOCKS.slice(0, 4)

/** People and blocks by their number; times in ms from `NOW`. */
type Link = {
  readonly issuer: number
  readonly to: number
  readonly scope: number
  readonly depth: number
  readonly notBefore: number
  readonly expires: number
  /** Who revoked it. */
  readonly revokedBy: number | null
}
type Case = { readonly links: readonly Link[]; readonly writer: number; readonly length: number }

/** The rules, told once more. */
function allowed({ links, writer, length }: Case): boolean {
  return (
    links.every((link, i) => {
      const before = links[i - 1]
      const on = link.scope < length && link.scope < PATH.length
      const issued = link.issuer === (before?.to ?? 0)
      const narrower = !before || (link.scope >= before.scope && link.depth < before.depth)
      const valid = link.notBefore <= 0 && 0 < link.expires
      const revokers = [0, ...links.slice(0, i + 1).map(({ issuer }) => issuer)]
      const revoked = link.revokedBy !== null && revokers.includes(link.revokedBy)
      return on && issued && narrower && valid && !revoked
    }) && writer === (links.at(-1)?.to ?? 0)
  )
}

async function taken({ links, writer, length }: Case): Promise<boolean> {
  const chain = await Promise.all(
    links.map(({ issuer, to, scope, depth, notBefore, expires }) =>
      cap(PEOPLE[issuer]!, PEOPLE[to]!, {
        scope: BLOCKS[scope]!,
        depth,
        notBefore: NOW + notBefore,
        expires: NOW + expires,
      }),
    ),
  )
  const revocations = links.flatMap(({ revokedBy, scope }, i) =>
    revokedBy === null
      ? []
      : [
          {
            v: 1 as const,
            tree: TREE,
            scope: BLOCKS[scope]!,
            cap: multihash(chain[i]!),
            expires: NOW + 1,
            by: PEOPLE[revokedBy]!.signKey,
            at: NOW,
          },
        ],
  )
  const claim = {
    tree: TREE,
    writer: PEOPLE[writer]!.principal,
    chain,
    path: PATH.slice(0, length),
  }
  try {
    checkChain(claim, { ...AUTHORITY(), cache, revocations: new Revocations(revocations) })
    return true
  } catch (error) {
    assert.ok(error instanceof BlockError && error.code.startsWith('CHAIN_'), `${error}`)
    return false
  }
}

const cache = new CapabilityCache()

/** A chain that is right: as it goes on, it gets narrower. */
const right = fc
  .record({
    people: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
    scopes: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
    length: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ people, scopes, length }): Case => {
    const narrowing = scopes.map(scope => Math.min(scope, length - 1)).sort((a, b) => a - b)
    const links = people.map((to, i) => ({
      issuer: people[i - 1] ?? 0,
      to,
      scope: narrowing[i]!,
      depth: people.length - i,
      notBefore: 0,
      expires: 1,
      revokedBy: null,
    }))
    return { links, writer: people.at(-1) ?? 0, length }
  })

/** One field changed in one link, or the writer, or the path. */
const change = fc.oneof(
  fc.record({ issuer: fc.nat(4) }),
  fc.record({ to: fc.nat(4) }),
  fc.record({ scope: fc.nat(4) }),
  fc.record({ depth: fc.nat(5) }),
  fc.record({ notBefore: fc.integer({ min: -1, max: 1 }) }),
  fc.record({ expires: fc.integer({ min: -1, max: 2 }) }),
  fc.record({ revokedBy: fc.nat(4) }),
)
const changed = fc
  .record({
    of: right,
    at: fc.nat(3),
    how: fc.array(change, { maxLength: 2 }),
    writer: fc.option(fc.nat(4)),
    length: fc.option(fc.integer({ min: 1, max: 4 })),
  })
  .map(({ of, at, how, writer, length }): Case => {
    const links = of.links.map((link, i) => (i === at ? Object.assign({}, link, ...how) : link))
    return { links, writer: writer ?? of.writer, length: length ?? of.length }
  })

describe('any chain', () => {
  it('that is right is taken', async () => {
    await fc.assert(
      fc.asyncProperty(right, async one => {
        assert.ok(allowed(one))
        assert.ok(await taken(one))
      }),
      { numRuns: 100 },
    )
  })

  it('that was changed is taken if the model takes it, and only then', async () => {
    const seen = { taken: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(changed, async one => {
        const expected = allowed(one)
        seen[expected ? 'taken' : 'refused']++
        assert.equal(await taken(one), expected)
      }),
      { numRuns: 400 },
    )
    assert.ok(seen.taken > 20 && seen.refused > 20, JSON.stringify(seen))
  })
})
