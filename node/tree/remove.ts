/** Takes names away, and blocks with their last name. */
import { TreeError } from './error.ts'
import { freshen } from './fresh.ts'
import type { OpenBlock } from './open-block.ts'
import { parentOf, type TreePath } from './path.ts'
import { down, last, shown, step, walk, type Trail } from './walk.ts'
import type { Work } from './work.ts'

export type RemoveOptions = {
  /** With all that is in it. */
  readonly recursive?: boolean
  /** Token of a lease. */
  readonly lease?: number
}

/**
 * @returns how many names are gone.
 * @throws {TreeError} `TREE_NOT_EMPTY`, and as {@link walk}.
 */
export async function remove(
  work: Work,
  path: TreePath,
  { recursive = false, lease }: RemoveOptions = {},
): Promise<number> {
  const { name } = parentOf(path)
  work.trails.clear()
  const trail = await walk(work, path, { follow: false })
  const directory = trail.blocks.at(-2)
  if (!directory) throw new TreeError('TREE_PATH', `${shown(path)} cannot be removed`)
  await freshen(work, { ...trail, blocks: trail.blocks.slice(0, -1) })
  const block = last(trail)
  if (block.kind === 'directory' && !recursive) expectEmpty(block, path)
  let removed = 1
  if (block.kind === 'directory') removed += await empty(work, trail, lease)
  work.tell('removed', block, path)
  work.touch(directory, lease)
  await directory.names.delete(name)
  directory.describe({ modified: work.now })
  await release(work, block, directory, lease)
  return removed
}

/** @throws {TreeError} `TREE_NOT_EMPTY`. */
export function expectEmpty(block: OpenBlock, path: TreePath): void {
  if (block.names.state.entries > 0)
    throw new TreeError('TREE_NOT_EMPTY', `${shown(path)} is a directory that is not empty`)
}

/** All below a directory; what it holds itself need not be written, as it goes too. */
async function empty(work: Work, trail: Trail, lease?: number): Promise<number> {
  let removed = 0
  const directory = last(trail)
  for (const entry of await directory.names.list()) {
    const block = await step(work, trail, entry)
    if (block.kind === 'directory') removed += await empty(work, down(trail, block), lease)
    await directory.names.delete(entry.name)
    await release(work, block, directory, lease)
    removed++
  }
  return removed
}

/**
 * A name of `block` in `directory` is gone; so is the block, when it was the last one.
 *
 * @throws {TreeError} `TREE_LEASED`.
 */
export async function release(
  work: Work,
  block: OpenBlock,
  directory: OpenBlock,
  lease?: number,
): Promise<void> {
  const links = block.attributes.links ?? 1
  if (links <= 1) return work.remove(block, lease)
  work.touch(block, lease)
  block.describe({ links: links - 1 })
  if (!(await hasName(directory, block, links - 1))) block.detach(directory.id)
}

/**
 * Whether a directory, one of the block's parents, has a name for it.
 *
 * @param names  of the block that there are besides the one that was just taken away.
 */
export async function hasName(
  directory: OpenBlock,
  block: OpenBlock,
  names: number,
): Promise<boolean> {
  // Every other parent has one at least.
  if (names < block.parents.length) return false
  return (await directory.names.list()).some(({ id }) => id === block.id)
}
