/** Opens files for reading and writing. */
import { RANDOM_SECTOR, SEQUENTIAL_SECTOR } from '../block/sector.ts'
import { TreeError } from './error.ts'
import { FileHandle } from './file-handle.ts'
import { freshen } from './fresh.ts'
import type { Group } from './group.ts'
import { make } from './make.ts'
import type { Means } from './means.ts'
import type { OpenBlock } from './open-block.ts'
import type { TreePath } from './path.ts'
import { last, shown, tryWalk, walk } from './walk.ts'
import { Work } from './work.ts'

export type OpenOptions = {
  readonly write?: boolean
  /** Makes the file when it is not there. */
  readonly create?: boolean
  /** With `create`: it must not be there. */
  readonly exclusive?: boolean
  /** Begins with an empty file; the old content is there until the new one is saved. */
  readonly truncate?: boolean
  /** How it will be used: sectors of 64 or of 4 KiB. Of new and of empty files. */
  readonly access?: 'sequential' | 'random'
  /**
   * The generation that the writer knows: it must be the file's when it is opened and when it is
   * saved. Else the last writer wins.
   */
  readonly generation?: number
  readonly mode?: number
  readonly type?: string
  /** Token of a lease of the file, or of the directory it is made in. */
  readonly lease?: number
}

export function sectorSizeOf({ access = 'sequential' }: OpenOptions): number {
  return access === 'random' ? RANDOM_SECTOR : SEQUENTIAL_SECTOR
}

/** @throws {TreeError} as {@link walk}; `TREE_NOT_FILE`, `TREE_EXISTS`, `TREE_CONFLICT`. */
export async function openFile(
  means: Means,
  group: Group,
  path: TreePath,
  options: OpenOptions,
): Promise<FileHandle> {
  const { write = false, create = false, generation, lease, truncate = false } = options
  if (write) await group.run(work => prepare(work, path, { ...options, create }))
  for (;;) {
    const work = new Work(means)
    try {
      const block = expectFile(last(await walk(work, path, { follow: true })), path)
      expectGeneration(block, generation, path)
      // Opened before any other header can take its place.
      void block.attributes
      const { tree, id } = block.place
      const stored = means.store.block(tree, id)
      if (stored && Buffer.compare(stored.hash, block.base!.hash) === 0) {
        const unpin = means.store.pin(stored.content)
        return new FileHandle(group, work, block, unpin, {
          path,
          writable: write,
          insists: generation !== undefined,
          truncate,
          sectorSize: sectorSizeOf(options),
          ...(lease !== undefined && { lease }),
        })
      }
    } catch (error) {
      work.release()
      throw error
    }
    work.release()
  }
}

/** Before a file is written: it is there, and its key is no older than that of what is above it. */
async function prepare(work: Work, path: TreePath, options: OpenOptions): Promise<void> {
  const found = await tryWalk(work, path, { follow: true })
  if (!found && !options.create)
    throw new TreeError('TREE_NOT_FOUND', `${shown(path)} is not there`)
  if (found && options.create && options.exclusive)
    throw new TreeError('TREE_EXISTS', `${shown(path)} is there already`)
  if (!found)
    return void (await make(work, path, 'file', { ...options, sectorSize: sectorSizeOf(options) }))
  expectFile(last(found), path)
  await freshen(work, found)
  if (!work.may(last(found)))
    throw new TreeError(
      'TREE_NO_AUTHORITY',
      `${shown(path)} may not be written here: ask its owner`,
    )
}

/** @throws {TreeError} `TREE_NOT_FILE`. */
export function expectFile(block: OpenBlock, path: TreePath): OpenBlock {
  if (block.kind === 'file') return block
  throw new TreeError('TREE_NOT_FILE', `${shown(path)} is a ${block.kind}, not a file`)
}

/** @throws {TreeError} `TREE_CONFLICT`. */
export function expectGeneration(
  block: OpenBlock,
  generation: number | undefined,
  path: TreePath,
): void {
  if (generation === undefined || block.generation === BigInt(generation)) return
  throw new TreeError(
    'TREE_CONFLICT',
    `${shown(path)} is of generation ${block.generation}, you know ${generation}: read it again`,
  )
}
