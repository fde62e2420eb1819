/**
 * Chains of writecaps: from the key that owns the tree to the writer, each link made by the one that
 * the link before it was given to.
 */
import type { Principal } from '../crypto/principal.ts'
import type { CapabilityCache, Opened } from './capability-cache.ts'
import { BlockError } from './error.ts'
import { rootBlockId, type BlockId } from './id.ts'
import { whoSigns } from './known.ts'
import { PATH_MAX } from './path.ts'
import type { Revocations } from './revocations.ts'
import type { RootRecord } from './root-record.ts'
import { rootKeyAt } from './roots.ts'
import { CHAIN_MAX, type Writecap } from './writecap.ts'

/** What a verifier knows. */
export type Authority = {
  /** Checked by {@link openRoots}. */
  readonly roots: readonly RootRecord[]
  /** Of all headers on the path. */
  readonly revocations: Revocations
  readonly cache: CapabilityCache
  /** When the chain has to be valid, ms since 1970: now, or when the write was accepted. */
  readonly at: number
}

/** Who writes, by which right, where. */
export type Claim = {
  readonly tree: Principal
  readonly writer: Principal
  /** Signed writecaps, the root key's first; none when the writer is the root key. */
  readonly chain: readonly Uint8Array[]
  /** From the root block to the block that is written, at most 64. */
  readonly path: readonly BlockId[]
}

/**
 * The links, when they give `writer` the right to write the last block of `path`.
 *
 * @throws {CodecError}, {CryptoError} a link is none, or its signature is wrong.
 * @throws {BlockError} `PATH_BROKEN`, `PATH_LONG`, `CHAIN_LONG`, `CHAIN_TREE`, `CHAIN_ROOT`,
 *   `CHAIN_ISSUER`, `CHAIN_SCOPE`, `CHAIN_WIDENED`, `CHAIN_DEPTH`, `CHAIN_EARLY`, `CHAIN_EXPIRED`,
 *   `CHAIN_REVOKED`, `CHAIN_WRITER`.
 */
export function checkChain(claim: Claim, authority: Authority): readonly Writecap[] {
  const { tree, writer, chain, path } = claim
  const { roots, at, cache, revocations } = authority
  const [root, owner] = [rootKeyAt(roots, at), { to: '' as Principal, scope: 0, depth: 256 }]
  expectPath(tree, path)
  if (chain.length > CHAIN_MAX)
    throw new BlockError('CHAIN_LONG', `found ${chain.length} links, at most ${CHAIN_MAX}`)
  const links: Opened<Writecap>[] = []
  let before = { ...owner, to: whoSigns(root) }
  for (const signed of chain) {
    const link = cache.writecaps.open(signed)
    links.push(link)
    const name = `link ${links.length} of the chain`
    before = follow(name, link.value, before, claim, at)
    if (
      revocations.revokes(
        links,
        roots.map(({ key }) => key),
      )
    )
      throw new BlockError('CHAIN_REVOKED', `${name} was revoked`)
  }
  if (before.to !== writer)
    throw links.length === 0
      ? new BlockError('CHAIN_ROOT', `${writer} shows no writecap and does not own the tree`)
      : new BlockError('CHAIN_WRITER', `the chain is for ${before.to}, but ${writer} wrote`)
  return links.map(({ value }) => value)
}

/** Where a chain has come to. */
type Reached = { readonly to: Principal; readonly scope: number; readonly depth: number }

function follow(
  name: string,
  cap: Writecap,
  before: Reached,
  { tree, path }: Claim,
  at: number,
): Reached {
  if (cap.tree !== tree)
    throw new BlockError('CHAIN_TREE', `${name} is for the tree ${cap.tree}, expected ${tree}`)
  const issuer = whoSigns(cap.issuer)
  if (issuer !== before.to)
    throw before.depth > 255
      ? new BlockError('CHAIN_ROOT', `${name} is by ${issuer}, expected the owner, ${before.to}`)
      : new BlockError(
          'CHAIN_ISSUER',
          `${name} is by ${issuer}, the one before is for ${before.to}`,
        )
  const scope = path.indexOf(cap.scope)
  if (scope < 0)
    throw new BlockError('CHAIN_SCOPE', `${name} is for block ${cap.scope}, not on the path`)
  if (scope < before.scope)
    throw new BlockError('CHAIN_WIDENED', `${name} is for more than the one before it`)
  if (cap.depth >= before.depth)
    throw new BlockError(
      'CHAIN_DEPTH',
      `${name} allows ${cap.depth} more, the one before it ${before.depth}: expected less`,
    )
  if (at < cap.notBefore)
    throw new BlockError('CHAIN_EARLY', `${name} is valid from ${cap.notBefore} on, it is ${at}`)
  if (at >= cap.expires)
    throw new BlockError('CHAIN_EXPIRED', `${name} ended at ${cap.expires}, it is ${at}`)
  return { to: cap.to, scope, depth: cap.depth }
}

function expectPath(tree: Principal, path: readonly BlockId[]): void {
  if (path.length > PATH_MAX)
    throw new BlockError('PATH_LONG', `found a path of ${path.length} blocks, at most ${PATH_MAX}`)
  if (path[0] !== rootBlockId(tree))
    throw new BlockError('PATH_BROKEN', `the path does not begin at the root block of ${tree}`)
}
