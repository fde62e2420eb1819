/** Makes a tree: its root block, and the right of a node to write all of it; changes its root key. */
import { rootRecordFormat } from '../block/root-record.ts'
import { forReader } from '../block/block-key.ts'
import { rootBlockId } from '../block/id.ts'
import { whoSigns } from '../block/known.ts'
import { openRoots } from '../block/roots.ts'
import { writecapFormat } from '../block/writecap.ts'
import type { CredentialStore } from '../crypto/credential-store.ts'
import { expectSuccessor } from '../crypto/root-key.ts'
import { TreeError } from './error.ts'
import { grantNote, grantsOf } from './grant.ts'
import type { Means } from './means.ts'
import { OpenBlock } from './open-block.ts'
import { openById } from './walk.ts'
import { Work } from './work.ts'

/** How long a node may write, ms: ten years, or until it is taken back. */
export const NODE_MS = 3650 * 24 * 3600_000
/** How far a node may hand on its right: to sessions, to whom something is shared with, to theirs. */
const NODE_DEPTH = 6

/**
 * @param root       the owner's keys; whose principal names the tree.
 * @param successor  commitment to the next root key, 34 bytes.
 * @throws {TreeError} `TREE_EXISTS` the tree is in this store already.
 */
export async function createTree(
  means: Means,
  root: CredentialStore,
  successor: Uint8Array,
): Promise<void> {
  const { store, credentials, random, clock } = means
  const tree = root.principal
  const id = rootBlockId(tree)
  const now = clock()
  if (store.block(tree, id)) throw new TreeError('TREE_EXISTS', `the tree ${tree} is here already`)
  await grantNode(means, root)
  const record = { v: 1, tree, generation: 0, key: root.signKey, successor, at: now } as const
  const place = { tree, id }
  const block = OpenBlock.made(means, {
    place,
    kind: 'directory',
    attributes: { v: 1, size: 0, mode: 0o755, modified: now, created: now, entries: 0 },
  })
  block.roots = [await rootRecordFormat.sign(record, root)]
  const readers = new Map([root, credentials].map(one => [one.principal, one.decryptKey]))
  for (const [reader, to] of readers)
    block.readcaps = [...block.readcaps, await forReader(place, block.key, reader, to, random)]
  const work = new Work({ ...means, authority: means.authority.as(root) })
  work.add(block)
  const { change } = (await work.finish())!
  await store.commit(change)
}

/**
 * The next root key takes over: what the one before it allowed counts no longer for what is written
 * from now on. What this node gave to others goes on, under the new key.
 *
 * @param next       the keys that the root block announced.
 * @param successor  commitment to the one after them, 34 bytes.
 * @throws {RootError} `ROOT_SUCCESSOR_OTHER` it is another key.
 */
export async function rotateRoot(
  means: Means,
  next: CredentialStore,
  successor: Uint8Array,
): Promise<void> {
  const { store, credentials, random, trust, own: tree } = means
  const work = new Work({ ...means, authority: means.authority.as(next) })
  try {
    const root = (await openById(work, tree, rootBlockId(tree)))!
    const records = openRoots(tree, root.roots ?? [], trust.cache)
    const before = records.at(-1)!
    expectSuccessor(before.successor, next.signKey)
    const record = await rootRecordFormat.sign(
      {
        v: 1,
        tree,
        generation: before.generation + 1,
        key: next.signKey,
        successor,
        at: Math.max(work.now, before.at),
      },
      next,
    )
    work.touchFree(root)
    root.roots = [...root.roots!, record]
    const old = whoSigns(before.key)
    const kept = root.readcaps.filter(({ reader }) => reader !== old && reader !== next.principal)
    root.readcaps = kept
    await root.rekey([])
    root.readcaps = [
      ...root.readcaps,
      await forReader(root.place, root.key, next.principal, next.decryptKey, random),
    ]
    if (credentials.principal !== next.principal) {
      const cap = await nodeCap(means, next)
      work.notes.push(grantNote([cap]))
      for (const { key, chain } of grantsOf(store, tree)) {
        work.notes.push({ kind: 'setting', key, value: null })
        const [first, ...rest] = chain
        const isOurs = trust.cache.writecaps.open(first!).value.to === credentials.principal
        if (isOurs && rest.length > 0) work.notes.push(grantNote([cap, ...rest]))
      }
    }
    const { change } = (await work.finish())!
    await store.commit(change)
  } finally {
    work.release()
    means.authority.forget(tree)
  }
}

/** Lets the node write all of the tree. @param root  the key that owns it now. */
async function grantNode(means: Means, root: CredentialStore): Promise<void> {
  const { store, credentials, own: tree } = means
  if (credentials.principal === root.principal) return
  await store.commit({ notes: [grantNote([await nodeCap(means, root)])] })
  means.authority.forget(tree)
}

function nodeCap(means: Means, root: CredentialStore): Promise<Uint8Array> {
  const { credentials, clock, own: tree } = means
  const now = clock()
  const cap = {
    v: 1,
    tree,
    issuer: root.signKey,
    to: credentials.principal,
    scope: rootBlockId(tree),
    notBefore: Math.max(0, now - 5 * 60_000),
    expires: now + NODE_MS,
    depth: NODE_DEPTH,
  } as const
  return writecapFormat.sign(cap, root)
}
