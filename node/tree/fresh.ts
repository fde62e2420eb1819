/**
 * New keys for blocks that lie below one whose key changed: what is written from now on must not be
 * readable with the old one (docs/share.md).
 */
import type { OpenBlock } from './open-block.ts'
import type { Trail } from './walk.ts'
import { unlock } from './walk.ts'
import type { Work } from './work.ts'

/**
 * Gives a new key to each block of the trail whose key is still wrapped under an old key of the block
 * above it, as far as this principal may write there.
 */
export async function freshen(work: Work, { blocks }: Trail): Promise<void> {
  for (const [i, block] of blocks.entries()) {
    const parent = blocks[i - 1]
    if (parent && isStale(block, parent)) await tryRekey(work, block)
  }
}

/** Whether a block's key is wrapped under an earlier key of `parent`. */
export function isStale(block: OpenBlock, parent: OpenBlock): boolean {
  const link = block.parents.find(({ id }) => id === parent.id)
  return link !== undefined && link.epoch < parent.epoch
}

/** @returns false when this principal may not write the block, or can't read all its parents. */
export async function tryRekey(work: Work, block: OpenBlock): Promise<boolean> {
  if (!work.may(block)) return false
  const parents = await parentsOf(work, block)
  if (!parents) return false
  await work.touchFree(block).rekey(parents)
  return true
}

/** All parents of a block, opened; undefined when there is no key for one. */
export async function parentsOf(work: Work, block: OpenBlock): Promise<OpenBlock[] | undefined> {
  const parents: OpenBlock[] = []
  for (const { id } of block.parents) {
    const parent = work.get(block.place.tree, id)
    if (!parent || !(await unlock(work, parent, 0))) return undefined
    parents.push(parent)
  }
  return parents
}
