/**
 * From a path to blocks: down from the root block, each opened with its parent's key and trusted only
 * when its writer's capability lies on the path that was taken.
 */
import { fromParent, fromReadcap, publicKeyOf } from '../block/block-key.ts'
import { rootBlockId, type BlockId } from '../block/id.ts'
import { mapKey } from '../block/recent.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Entry } from './bucket.ts'
import { TreeError } from './error.ts'
import type { OpenBlock } from './open-block.ts'
import { DEPTH_MAX, expectName, formatPath, parsePath, type TreePath } from './path.ts'
import type { Work } from './work.ts'

/** Symlinks that one path leads through, at most. */
const SYMLINKS_MAX = 40

/** The blocks of a path, the first one its root or where it starts, the last one what it names. */
export type Trail = {
  readonly path: TreePath
  readonly blocks: readonly OpenBlock[]
  /** Ids from the root block to the last one. */
  readonly ids: readonly BlockId[]
}

export type WalkOptions = {
  /** Whether a symlink at the end is followed; those on the way are. */
  readonly follow: boolean
}

/**
 * @throws {TreeError} `TREE_NOT_FOUND`, `TREE_NOT_DIRECTORY`, `TREE_LOOP`, `TREE_NO_KEY`,
 *   `TREE_DAMAGED`.
 * @throws {BlockError} when the writer of a block had no right to it.
 */
export async function walk(work: Work, path: TreePath, options: WalkOptions): Promise<Trail> {
  const found = await tryWalk(work, path, options)
  if (found) return found
  throw new TreeError('TREE_NOT_FOUND', `${shown(path)} is not there`)
}

/** As {@link walk}, but undefined when there is nothing of that name. */
export async function tryWalk(
  work: Work,
  path: TreePath,
  { follow }: WalkOptions,
): Promise<Trail | undefined> {
  let trail = await start(work, path)
  let names: readonly string[] = path.names
  for (let links = 0; names.length > 0;) {
    const [name, ...rest] = names as [string, ...string[]]
    names = rest
    if (name === '.' || name === '') continue
    if (name === '..') {
      trail = up(trail)
      continue
    }
    const directory = expectDirectory(last(trail), path)
    const entry = await directory.names.get(name)
    if (!entry) return undefined
    const block = await step(work, trail, entry)
    if (block.kind !== 'symlink' || (rest.length === 0 && !follow)) {
      trail = down(trail, block)
      continue
    }
    if (++links > SYMLINKS_MAX)
      throw new TreeError('TREE_LOOP', `${shown(path)} leads through too many symlinks`)
    const target = block.attributes.target ?? ''
    if (target.startsWith('/')) {
      const to = parsePath(target, work.means.own)
      trail = await start(work, to)
      names = [...to.names, ...rest]
    } else {
      const parts = target.split('/')
      for (const part of parts) if (!['', '.', '..'].includes(part)) expectName(part)
      names = [...parts, ...rest]
    }
  }
  return { ...trail, path }
}

/** The block that the path names. */
export function last({ blocks }: Trail): OpenBlock {
  return blocks.at(-1)!
}

/** @throws {TreeError} `TREE_NOT_DIRECTORY`. */
export function expectDirectory(block: OpenBlock, path: TreePath): OpenBlock {
  if (block.kind === 'directory') return block
  throw new TreeError('TREE_NOT_DIRECTORY', `${shown(path)}: there is a ${block.kind} on the way`)
}

/** For messages. */
export function shown(path: TreePath): string {
  return formatPath(path)
}

/** A trail that goes on to a block in the last one's directory. */
export function down(trail: Trail, block: OpenBlock): Trail {
  if (trail.ids.length >= DEPTH_MAX)
    throw new TreeError('TREE_LOOP', `${shown(trail.path)} is deeper than ${DEPTH_MAX}`)
  return {
    path: trail.path,
    blocks: [...trail.blocks, block],
    ids: [...trail.ids, block.id],
  }
}

function up(trail: Trail): Trail {
  if (trail.blocks.length === 1) return trail
  return { ...trail, blocks: trail.blocks.slice(0, -1), ids: trail.ids.slice(0, -1) }
}

/**
 * The block of an entry in the directory that `trail` leads to, opened and trusted.
 *
 * @throws {TreeError} `TREE_DAMAGED`, `TREE_NO_KEY`; {BlockError} of rule 2.
 */
export async function step(work: Work, trail: Trail, entry: Entry): Promise<OpenBlock> {
  const directory = last(trail)
  const { tree } = directory.place
  const block = work.get(tree, entry.id)
  const damaged = (why: string) =>
    new TreeError(
      'TREE_DAMAGED',
      `${shown(trail.path)}: the entry ${JSON.stringify(entry.name)} ${why}: fsck says more`,
    )
  if (!block) throw damaged('leads to a block that is not here')
  if (block.kind !== entry.kind) throw damaged(`says ${entry.kind}, its block ${block.kind}`)
  if (!(await unlockFrom(work, block, directory))) throw damaged('is of a block with other parents')
  work.trust(block, [...trail.ids, block.id])
  return block
}

/** Opens a block with the key of one of its parents. @returns false when it is none of them. */
async function unlockFrom(work: Work, block: OpenBlock, parent: OpenBlock): Promise<boolean> {
  if (!block.locked) return block.parents.some(({ id }) => id === parent.id)
  const { header } = block.base!
  const link = header.parents.find(({ id }) => id === parent.id)
  if (!link) return false
  await work.unlock(
    block,
    block.id + mapKey(link.key),
    () => publicKeyOf(header) ?? fromParent(header, link, parent.keyOf(link.epoch)),
  )
  return true
}

async function start(work: Work, path: TreePath): Promise<Trail> {
  const root = rootBlockId(path.tree)
  const id = path.start === undefined ? root : (path.start as BlockId)
  const block = await openById(work, path.tree, id)
  if (!block)
    throw new TreeError(
      'TREE_NOT_FOUND',
      id === root
        ? `the tree ${path.tree} is not kept here`
        : `${shown(path)}: no block of that id is kept here`,
    )
  return { path, blocks: [block], ids: work.ancestors(block) }
}

/**
 * A block by its id, opened by whatever key there is: its own readcap for us, or that of a block above
 * it. It is trusted along the parents that headers name. Undefined when it is not here.
 *
 * @throws {TreeError} `TREE_NO_KEY`.
 */
export async function openById(
  work: Work,
  tree: Principal,
  id: BlockId,
): Promise<OpenBlock | undefined> {
  const block = work.get(tree, id)
  if (!block) return undefined
  if (block.locked && !(await unlock(work, block, 0)))
    throw new TreeError(
      'TREE_NO_KEY',
      `no readcap here opens block ${id} of ${tree}: ask its owner to share it`,
    )
  if (block.base) work.trust(block, work.ancestors(block))
  return block
}

/** Opens a block by any way there is. */
export async function unlock(work: Work, block: OpenBlock, depth: number): Promise<boolean> {
  if (!block.locked) return true
  const { header } = block.base!
  const { credentials } = work.means
  if (header.publicKey) {
    block.unlock(publicKeyOf(header)!)
    return true
  }
  const readcap = header.readcaps.find(({ reader }) => reader === credentials.principal)
  if (readcap) {
    const name = block.id + mapKey(readcap.key)
    await work.unlock(block, name, () => fromReadcap(header, readcap, credentials))
    return true
  }
  if (depth >= DEPTH_MAX) return false
  for (const { id } of header.parents) {
    const parent = work.get(block.place.tree, id)
    if (!parent || !(await unlock(work, parent, depth + 1))) continue
    if (await unlockFrom(work, block, parent)) return true
  }
  return false
}
