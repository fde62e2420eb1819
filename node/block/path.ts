/** The way from a tree's root block to a block, by the parents that headers name. */
import type { Principal } from '../crypto/principal.ts'
import { BlockError } from './error.ts'
import { rootBlockId, type BlockId } from './id.ts'

/** Blocks on a path, the root block and the block itself among them. */
export const PATH_MAX = 64

/**
 * The root block first, `id` last.
 *
 * @param parentOf  the first parent in a block's stored header; undefined when there is no header.
 * @throws {BlockError} `PATH_BROKEN`, `PATH_CYCLE`, `PATH_LONG`.
 */
export function pathTo(
  tree: Principal,
  id: BlockId,
  parentOf: (id: BlockId) => BlockId | undefined,
): readonly BlockId[] {
  const root = rootBlockId(tree)
  const upwards = [id]
  for (let at = id; at !== root;) {
    const parent = parentOf(at)
    if (parent === undefined)
      throw new BlockError('PATH_BROKEN', `the parent of block ${at} is not known`)
    if (upwards.includes(parent))
      throw new BlockError('PATH_CYCLE', `block ${parent} lies below itself`)
    upwards.push(parent)
    if (upwards.length > PATH_MAX)
      throw new BlockError('PATH_LONG', `block ${id} lies deeper than ${PATH_MAX} blocks`)
    at = parent
  }
  return upwards.reverse()
}
