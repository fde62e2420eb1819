/** Makes directories, files and symlinks; gives files more names. */
import type { Attributes } from '../block/attributes.ts'
import { PARENTS_MAX } from '../block/header-schema.ts'
import { newBlockId, rootBlockId, type BlockId } from '../block/id.ts'
import type { Kind } from '../block/kind.ts'
import type { SymmetricKey } from '../crypto/symmetric-key.ts'
import { TreeError } from './error.ts'
import { freshen } from './fresh.ts'
import { OpenBlock } from './open-block.ts'
import { formatPath, parentOf, startOf, type TreePath } from './path.ts'
import { expectDirectory, last, shown, tryWalk, walk, type Trail } from './walk.ts'
import type { Work } from './work.ts'

export type MakeOptions = {
  readonly mode?: number
  /** Content type (RFC 6838). */
  readonly type?: string
  /** Token of a lease of the directory. */
  readonly lease?: number
  /** Of the block, when its content was sealed before. */
  readonly id?: BlockId
  readonly key?: SymmetricKey
  readonly sectorSize?: number
}

/** Permissions of what is made, unless other ones are asked for. */
const MODES: Readonly<Record<Kind, number>> = {
  file: 0o644,
  directory: 0o755,
  symlink: 0o777,
  program: 0o755,
  record: 0o644,
}

/** The directory that the last name of `path` is in, ready to be changed. */
export async function directoryOf(
  work: Work,
  path: TreePath,
): Promise<{ trail: Trail; name: string; directory: OpenBlock }> {
  const { parent, name } = parentOf(path)
  const key = formatPath(parent)
  // Many operations of a group are for the same directory.
  const known = work.trails.get(key)
  if (known) return { trail: known, name, directory: last(known) }
  const trail = await walk(work, parent, { follow: true })
  const directory = expectDirectory(last(trail), path)
  await freshen(work, trail)
  work.trails.set(key, trail)
  return { trail, name, directory }
}

/**
 * Adds a block to the directory of `path`, where nothing of that name is.
 *
 * @throws {TreeError} `TREE_EXISTS`, and as {@link walk}.
 */
export async function make(
  work: Work,
  path: TreePath,
  kind: Kind,
  options: MakeOptions & { readonly target?: string } = {},
): Promise<OpenBlock> {
  const { directory, name } = await directoryOf(work, path)
  await expectFree(directory, name, path)
  return makeIn(work, directory, path, kind, options)
}

/** As {@link make}, in a directory that was found, and where nothing of the last name is. */
export async function makeIn(
  work: Work,
  directory: OpenBlock,
  path: TreePath,
  kind: Kind,
  options: MakeOptions & { readonly target?: string } = {},
): Promise<OpenBlock> {
  const { name } = parentOf(path)
  const { mode = MODES[kind], type, lease, id, key, sectorSize, target } = options
  const { tree } = directory.place
  const attributes: Attributes = {
    v: 1,
    size: 0,
    mode,
    modified: work.now,
    created: work.now,
    ...(type !== undefined && { type }),
    ...(target !== undefined && { target }),
    ...(kind === 'directory' && { entries: 0 }),
  }
  work.touch(directory, lease)
  const block = work.add(
    OpenBlock.made(work.means, {
      place: { tree, id: id ?? newBlockId(work.means.random) },
      kind,
      attributes,
      ...(key && { key }),
      ...(sectorSize !== undefined && { sectorSize }),
    }),
  )
  block.attach(directory)
  await enter(work, directory, name, block)
  work.tell('created', block, path)
  return block
}

/** Makes a directory; with `parents` also those above it, and nothing when it is there already. */
export async function makeDirectory(
  work: Work,
  path: TreePath,
  { parents = false, ...options }: MakeOptions & { readonly parents?: boolean },
): Promise<void> {
  if (!parents) return void (await make(work, path, 'directory', options))
  for (let length = 1; length <= path.names.length; length++) {
    const upTo = { ...path, names: path.names.slice(0, length) }
    const found = await tryWalk(work, upTo, { follow: true })
    if (found) expectDirectory(last(found), path)
    else await make(work, upTo, 'directory', options)
  }
}

/**
 * Gives a file another name.
 *
 * @throws {TreeError} `TREE_LINKS`, `TREE_EXISTS`, and as {@link walk}.
 */
export async function link(work: Work, from: TreePath, to: TreePath): Promise<void> {
  const trail = await walk(work, from, { follow: false })
  const block = last(trail)
  if (block.kind !== 'file')
    throw new TreeError(
      'TREE_LINKS',
      `${shown(from)} is a ${block.kind}: only files have two names`,
    )
  if (from.tree !== to.tree)
    throw new TreeError('TREE_LINKS', `${shown(to)} is in another tree than ${shown(from)}`)
  const { directory, name } = await directoryOf(work, to)
  await expectFree(directory, name, to)
  const isNew = !block.parents.some(({ id }) => id === directory.id)
  if (isNew && block.parents.length >= PARENTS_MAX)
    throw new TreeError('TREE_LINKS', `${shown(from)} is in ${PARENTS_MAX} directories already`)
  work.touch(directory)
  work.touch(block)
  if (isNew) block.attach(directory)
  block.describe({ links: (block.attributes.links ?? 1) + 1 })
  await enter(work, directory, name, block)
  work.tell('created', block, to)
}

/** Puts the name of a block into a directory, which was touched. */
export async function enter(
  work: Work,
  directory: OpenBlock,
  name: string,
  { id, kind }: OpenBlock,
): Promise<void> {
  await directory.names.set({ name, id, kind })
  directory.describe({ modified: work.now })
}

/** @throws {TreeError} `TREE_EXISTS`, `TREE_NAME`. */
async function expectFree(directory: OpenBlock, name: string, path: TreePath): Promise<void> {
  expectOrdinary(directory, name)
  if (await directory.names.get(name))
    throw new TreeError('TREE_EXISTS', `${shown(path)} is there already`)
}

/** @throws {TreeError} `TREE_NAME` for a name that would be taken for a block's id. */
export function expectOrdinary(directory: OpenBlock, name: string): void {
  const atTop = directory.id === rootBlockId(directory.place.tree)
  if (atTop && startOf(name) !== undefined)
    throw new TreeError('TREE_NAME', `${name} would be taken for the id of a block`)
}
