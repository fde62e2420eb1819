/** Moves a block to another name, in the same directory or in another one. */
import { TreeError } from './error.ts'
import { freshen, parentsOf } from './fresh.ts'
import { directoryOf, enter, expectOrdinary } from './make.ts'
import type { OpenBlock } from './open-block.ts'
import { parentOf, type TreePath } from './path.ts'
import { expectEmpty, hasName, release } from './remove.ts'
import { last, shown, step, walk } from './walk.ts'
import type { Work } from './work.ts'

export type RenameOptions = {
  /** Whether a file, or an empty directory, of that name may go; true when missing. */
  readonly replace?: boolean
}

/**
 * A block that moves to another directory gets a new key: who reads the old directory can't read
 * what is written from now on.
 *
 * @throws {TreeError} `TREE_EXISTS`, `TREE_NOT_EMPTY`, `TREE_NOT_DIRECTORY`, `TREE_INTO_ITSELF`,
 *   `TREE_NO_KEY`, and as {@link walk}.
 */
export async function rename(
  work: Work,
  from: TreePath,
  to: TreePath,
  { replace = true }: RenameOptions = {},
): Promise<void> {
  if (from.tree !== to.tree)
    throw new TreeError('TREE_PATH', `${shown(to)} is in another tree than ${shown(from)}: copy it`)
  const oldName = parentOf(from).name
  work.trails.clear()
  const trail = await walk(work, from, { follow: false })
  const block = last(trail)
  const source = trail.blocks.at(-2)
  if (!source) throw new TreeError('TREE_PATH', `${shown(from)} cannot be moved`)
  await freshen(work, { ...trail, blocks: trail.blocks.slice(0, -1) })
  const target = await directoryOf(work, to)
  work.trails.clear()
  const { directory, name } = target
  if (target.trail.ids.includes(block.id))
    throw new TreeError('TREE_INTO_ITSELF', `${shown(to)} is below ${shown(from)} itself`)
  expectOrdinary(directory, name)
  const there = await directory.names.get(name)
  if (there) {
    const other = await step(work, target.trail, there)
    // Two names of one file: nothing is to be done.
    if (other === block) return
    if (!replace) throw new TreeError('TREE_EXISTS', `${shown(to)} is there already`)
    expectReplaceable(block, other, to)
    work.touch(directory)
    await directory.names.delete(name)
    await release(work, other, directory)
  }
  work.touch(source)
  work.touch(directory)
  await source.names.delete(oldName)
  source.describe({ modified: work.now })
  await enter(work, directory, name, block)
  if (source !== directory) await move(work, block, source, directory, from)
  work.tell('moved', block, to)
}

/** @throws {TreeError} `TREE_EXISTS`, `TREE_NOT_DIRECTORY`, `TREE_NOT_EMPTY`. */
function expectReplaceable(block: OpenBlock, other: OpenBlock, to: TreePath): void {
  if (other.kind !== 'directory' && block.kind === 'directory')
    throw new TreeError('TREE_NOT_DIRECTORY', `${shown(to)} is a ${other.kind}, not a directory`)
  if (other.kind !== 'directory') return
  if (block.kind !== 'directory')
    throw new TreeError('TREE_EXISTS', `${shown(to)} is a directory already`)
  expectEmpty(other, to)
}

/** The block's parents follow its names, under a new key. */
async function move(
  work: Work,
  block: OpenBlock,
  source: OpenBlock,
  directory: OpenBlock,
  from: TreePath,
): Promise<void> {
  const old = await parentsOf(work, block)
  if (!old)
    throw new TreeError(
      'TREE_NO_KEY',
      `${shown(from)} is linked in a directory that is not readable here: it cannot be moved`,
    )
  const stays = await hasName(source, block, (block.attributes.links ?? 1) - 1)
  const parents = stays ? [...old] : old.map(one => (one === source ? directory : one))
  if (stays) parents.push(directory)
  await work.touch(block).rekey([...new Set(parents)])
}
