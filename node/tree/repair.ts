/** Puts right what fsck found. */
import { fromParent, keyOfEpoch } from '../block/block-key.ts'
import type { Place } from '../block/context.ts'
import { digestOf } from '../block/hash-schema.ts'
import { openHeader, type OpenHeader } from '../block/header.ts'
import { newBlockId, type BlockId } from '../block/id.ts'
import { openAttributes } from '../block/attributes.ts'
import { EMPTY_ROOT } from '../block/merkle-hash.ts'
import type { Principal } from '../crypto/principal.ts'
import { SymmetricKey } from '../crypto/symmetric-key.ts'
import type { StoredBlock } from '../store/change.ts'
import { StoreError } from '../store/error.ts'
import type { Entry } from './bucket.ts'
import { FileVersion } from './file-version.ts'
import type { Group } from './group.ts'
import { enter, make } from './make.ts'
import type { Means } from './means.ts'
import { OpenBlock } from './open-block.ts'
import { last, openById, tryWalk, unlock } from './walk.ts'
import type { Work } from './work.ts'

/** At the top of the tree. */
export const LOST_AND_FOUND = 'lost+found'

/** Writes a directory anew, with these entries. */
export async function rebuild(work: Work, place: Place, entries: readonly Entry[]): Promise<void> {
  const block = await openById(work, place.tree, place.id)
  if (!block) return
  work.touchFree(block)
  block.emptyNames()
  for (const entry of entries) await block.names.set(entry)
  block.describe({ modified: work.now })
}

export async function correctLinks(work: Work, place: Place, links: number): Promise<void> {
  const block = await openById(work, place.tree, place.id)
  if (block) work.touchFree(block).describe({ links })
}

/** Removes a block that no directory leads to. */
export function drop(work: Work, { tree, id }: Place): void {
  const block = work.get(tree, id)
  if (block) work.remove(block)
}

/**
 * Puts a block that no directory leads to into `/lost+found`, under its id.
 *
 * @returns its path; undefined when it can't be read.
 */
export async function rescue(group: Group, place: Place): Promise<string | undefined> {
  const { tree, id } = place
  const path = { tree, names: [LOST_AND_FOUND] }
  try {
    return await group.run(async work => {
      const block = await openById(work, tree, id)
      if (!block) return undefined
      void block.attributes
      if (!(await tryWalk(work, path, { follow: false }))) await make(work, path, 'directory')
      const directory = last((await tryWalk(work, path, { follow: false }))!)
      work.touchFree(directory)
      work.touchFree(block)
      await enter(work, directory, id, block)
      await block.rekey([directory])
      if (block.attributes.links !== undefined) block.describe({ links: 1 })
      return `/${tree}/${LOST_AND_FOUND}/${id}`
    })
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === 'string') return undefined
    throw error
  }
}

/**
 * Makes a file again whose block is lost, from the newest version that was kept beside it.
 *
 * @param directory  that has the entry.
 * @returns the entry of the new file; undefined when there is no such version.
 */
export async function restore(
  means: Means,
  group: Group,
  directory: OpenBlock,
  entry: Entry,
): Promise<Entry | undefined> {
  const { tree } = directory.place
  for (const stored of siblingsOf(means, tree, entry.id).reverse())
    try {
      const opened = openHeader(stored.header)
      const link = opened.header.parents.find(({ id }) => id === directory.id)
      if (!link || opened.header.kind !== 'file') continue
      const key = fromParent(opened.header, link, directory.keyOf(link.epoch))
      return await copy(means, group, directory, entry, opened, key)
    } catch (error) {
      if (typeof (error as { code?: unknown }).code !== 'string') throw error
    }
  return undefined
}

/** None when they are damaged: the store's check has said so. */
function siblingsOf({ store }: Means, tree: Principal, id: BlockId): StoredBlock[] {
  try {
    return store.siblings(tree, id)
  } catch (error) {
    if (error instanceof StoreError) return []
    throw error
  }
}

async function copy(
  means: Means,
  group: Group,
  directory: OpenBlock,
  entry: Entry,
  { header }: OpenHeader,
  key: SymmetricKey,
): Promise<Entry> {
  const { store, random } = means
  const { tree } = directory.place
  const attributes = openAttributes(key, header, header.epoch, header.attributes)
  const { sectorSize, epoch } = header
  const shared = { store, random, sectorSize }
  const from = new FileVersion({
    ...shared,
    place: { tree, id: entry.id },
    root: digestOf(header.merkleRoot),
    count: header.sectors,
    size: attributes.size,
    epoch,
    keyOf: one => keyOfEpoch(header, key, one),
  })
  const [id, newKey] = [newBlockId(random), SymmetricKey.generate(random)]
  const to = new FileVersion({
    ...shared,
    place: { tree, id },
    root: EMPTY_ROOT,
    count: 0,
    size: 0,
    epoch: 1,
    keyOf: () => newKey,
  })
  try {
    for (let at = 0; at < attributes.size; at += 1 << 20)
      await to.write(at, await from.read(at, 1 << 20))
    const made = await to.settle()
    await group.run(async work => {
      const block = OpenBlock.made(means, {
        place: { tree, id },
        kind: 'file',
        attributes: { ...attributes, links: 1 },
        sectorSize,
        key: newKey,
      })
      const parent = work.get(tree, directory.id)!
      if (!(await unlock(work, parent, 0))) throw new Error(`no key for ${directory.id}`)
      block.attach(parent)
      block.replace(made, sectorSize)
      work.add(block)
    })
    return { name: entry.name, id, kind: 'file' }
  } finally {
    to.release()
  }
}
