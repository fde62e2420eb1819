/** Makes a tree: its root block, and the right of a node to write all of it. */
import { rootRecordFormat } from '../block/root-record.ts'
import { forReader } from '../block/block-key.ts'
import { rootBlockId } from '../block/id.ts'
import { writecapFormat } from '../block/writecap.ts'
import type { CredentialStore } from '../crypto/credential-store.ts'
import { TreeError } from './error.ts'
import { grantNote } from './grant.ts'
import type { Means } from './means.ts'
import { OpenBlock } from './open-block.ts'
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

/** Lets the node write all of the tree. @param root  the key that owns it now. */
export async function grantNode(means: Means, root: CredentialStore): Promise<void> {
  const { store, credentials, clock, own: tree } = means
  if (credentials.principal === root.principal) return
  const now = clock()
  const cap = await writecapFormat.sign(
    {
      v: 1,
      tree,
      issuer: root.signKey,
      to: credentials.principal,
      scope: rootBlockId(tree),
      notBefore: Math.max(0, now - 5 * 60_000),
      expires: now + NODE_MS,
      depth: NODE_DEPTH,
    },
    root,
  )
  await store.commit({ notes: [grantNote([cap])] })
  means.authority.forget(tree)
}
