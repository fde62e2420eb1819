/**
 * Sharing: a readcap in the header of a block lets a principal read it and all below, a writecap
 * chain write there. Taking back: a new key for what is written from now on, and signed revocations in
 * the same header. docs/share.md says what that can't undo.
 */
import { forReader } from '../block/block-key.ts'
import { READCAPS_MAX } from '../block/header-schema.ts'
import { REVOCATIONS_MAX, revocationFormat } from '../block/revocation.ts'
import { CHAIN_MAX, writecapFormat, type Writecap } from '../block/writecap.ts'
import { principalRecord } from '../crypto/principal-record.ts'
import { principalOf, type Principal } from '../crypto/principal.ts'
import type { Group } from './group.ts'
import { TreeError } from './error.ts'
import { freshen, parentsOf } from './fresh.ts'
import { grantNote, grantsOf, type Grant } from './grant.ts'
import type { Means } from './means.ts'
import type { OpenBlock } from './open-block.ts'
import type { TreePath } from './path.ts'
import { last, shown, walk } from './walk.ts'
import type { Work } from './work.ts'

export type ShareOptions = {
  /** Whether they may write, too. */
  readonly write?: boolean
  /** Until when they may write, ms since 1970; as long as whoever shares when missing. */
  readonly expires?: number
  /** How often they may hand it on, 1 (to a session key of theirs) when missing. */
  readonly depth?: number
}

export type Shared = {
  readonly reader: Principal
  /** What they call the block: they can't read the names above it. */
  readonly path: string
  /** Their chain of writecaps, when they may write: to be handed to them. */
  readonly chain?: readonly Uint8Array[]
  readonly expires?: number
}

/** Clocks of others may be behind, ms. */
const BEHIND = 5 * 60_000

/**
 * @param record  the signed record of whom it is shared with.
 * @throws {TreeError} `TREE_NO_AUTHORITY`, `TREE_FULL`, `TREE_RANGE`; {CryptoError} the record is none.
 */
export async function share(
  group: Group,
  means: Means,
  path: TreePath,
  record: Uint8Array,
  options: ShareOptions,
): Promise<Shared> {
  const { sign, decrypt } = principalRecord.open(record)
  const reader = principalOf(sign)
  const shared = await group.run(async work => {
    const trail = await walk(work, path, { follow: true })
    await freshen(work, trail)
    const block = last(trail)
    const others = block.readcaps.filter(one => one.reader !== reader)
    if (others.length >= READCAPS_MAX)
      throw new TreeError('TREE_FULL', `${shown(path)} is shared with ${READCAPS_MAX} already`)
    work.touchFree(block)
    const cap = await forReader(block.place, block.key, reader, decrypt, means.random)
    block.readcaps = [...others, cap]
    const written = options.write ? await grant(work, block, reader, options) : undefined
    work.tell('shared', block, path)
    const { tree, id } = block.place
    return { reader, path: `/${tree}/=${id}`, ...written }
  })
  means.authority.forget(path.tree)
  return shared
}

/** Hands on the right to write a block. */
async function grant(
  work: Work,
  block: OpenBlock,
  to: Principal,
  { expires, depth = 1 }: ShareOptions,
): Promise<{ chain: readonly Uint8Array[]; expires: number }> {
  const { credentials, authority } = work.means
  const { tree, id } = block.place
  const above = authority.chain(tree, work.ancestors(block), work.owner(tree))
  const links = above.map(one => work.means.trust.cache.writecaps.open(one).value)
  const ours = links.at(-1)
  const until = Math.min(expires ?? Infinity, ...links.map(link => link.expires))
  const notBefore = Math.max(0, work.now - BEHIND, ...links.map(link => link.notBefore))
  if (until <= work.now)
    throw new TreeError('TREE_RANGE', `the right to write would have ended at ${until} already`)
  if (depth < 0 || depth > 255 || (ours && depth >= ours.depth) || above.length > CHAIN_MAX - 2)
    throw new TreeError(
      'TREE_NO_AUTHORITY',
      `block ${id} may be handed on ${(ours?.depth ?? 256) - 1} times, not ${depth}: ask its owner`,
    )
  const cap: Writecap = {
    v: 1,
    tree,
    issuer: credentials.signKey,
    to,
    scope: id,
    notBefore,
    expires: Number.isFinite(until) ? until : work.now + YEAR,
    depth,
  }
  const chain = [...above, await writecapFormat.sign(cap, credentials)]
  work.notes.push(grantNote(chain))
  return { chain, expires: cap.expires }
}

/** What the owner's own key gives without saying for how long, ms. */
const YEAR = 365 * 24 * 3600_000

/**
 * From now on a principal gets no new key of the block at `path`, and may not write there.
 *
 * @throws {TreeError} `TREE_NOT_FOUND` it is not shared with him; `TREE_NO_AUTHORITY` what another
 *   gave.
 */
export async function unshare(
  group: Group,
  means: Means,
  path: TreePath,
  from: Principal,
): Promise<void> {
  await group.run(async work => {
    const block = last(await walk(work, path, { follow: true }))
    const { tree, id } = block.place
    const grants = grantsOf(means.store, tree, from).filter(({ cap }) => cap.scope === id)
    const readcaps = block.readcaps.filter(({ reader }) => reader !== from)
    if (grants.length === 0 && readcaps.length === block.readcaps.length)
      throw new TreeError('TREE_NOT_FOUND', `${shown(path)} itself is not shared with ${from}`)
    const parents = await parentsOf(work, block)
    if (!parents)
      throw new TreeError(
        'TREE_NO_KEY',
        `${shown(path)} lies where no key here reads: ask its owner`,
      )
    work.touchFree(block)
    block.readcaps = readcaps
    await block.rekey(parents)
    await revoke(work, block, grants)
    work.tell('shared', block, path)
  })
  means.authority.forget(path.tree)
}

async function revoke(work: Work, block: OpenBlock, grants: readonly Grant[]): Promise<void> {
  const { credentials, trust } = work.means
  const { tree, id } = block.place
  const links = (chain: readonly Uint8Array[]) =>
    chain.map(one => trust.cache.writecaps.open(one).value)
  const live = block.revocations.filter(
    one => trust.cache.revocations.open(one).value.expires > work.now,
  )
  for (const { key, chain, cap, hash } of grants) {
    work.notes.push({ kind: 'setting', key, value: null })
    if (cap.expires <= work.now) continue
    const owner = work.owner(tree) ?? tree
    const may = links(chain).some(({ issuer }) => issuer.equals(credentials.signKey))
    if (!may && owner !== credentials.principal)
      throw new TreeError(
        'TREE_NO_AUTHORITY',
        `only who gave a right to ${cap.to} can take it back`,
      )
    const { expires } = cap
    const by = credentials.signKey
    const body = { v: 1, tree, scope: id, cap: hash, expires, by, at: work.now } as const
    live.push(await revocationFormat.sign(body, credentials))
  }
  if (live.length > REVOCATIONS_MAX)
    throw new TreeError('TREE_FULL', `block ${id} holds ${REVOCATIONS_MAX} revocations already`)
  block.revocations = live
}

export type Share = {
  readonly reader: Principal
  readonly write: boolean
  /** When the right to write ends, ms since 1970. */
  readonly expires?: number
}

/** The block's readers, and who of them may write there by a chain made here. */
export function sharedWith(means: Means, block: OpenBlock): Share[] {
  const { tree, id } = block.place
  const now = means.clock()
  const grants = grantsOf(means.store, tree).filter(
    ({ cap }) => cap.scope === id && cap.expires > now,
  )
  return block.readcaps.map(({ reader }) => {
    const found = grants.find(({ cap }) => cap.to === reader)
    return found ? { reader, write: true, expires: found.cap.expires } : { reader, write: false }
  })
}
