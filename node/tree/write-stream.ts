/**
 * Writes a file from front to back. Nothing is seen of it before it is closed; then all of it is there,
 * in the place of what was there before. Takes a bounded amount of memory.
 */
import { newBlockId } from '../block/id.ts'
import { EMPTY_ROOT } from '../block/merkle-hash.ts'
import { SymmetricKey } from '../crypto/symmetric-key.ts'
import { TreeError } from './error.ts'
import type { FileHandle } from './file-handle.ts'
import { FileVersion, type Made } from './file-version.ts'
import type { Group } from './group.ts'
import { freshen } from './fresh.ts'
import { directoryOf, expectOrdinary, make, makeIn } from './make.ts'
import type { Means } from './means.ts'
import type { OpenBlock } from './open-block.ts'
import { expectFile, expectGeneration, openFile, sectorSizeOf } from './open-file.ts'
import type { OpenOptions } from './open-file.ts'
import { formatPath, type TreePath } from './path.ts'
import { last, shown, tryWalk } from './walk.ts'
import { Work } from './work.ts'

export type WriteOptions = Omit<OpenOptions, 'write' | 'truncate'>

export type Written = { readonly size: number; readonly generation: number }

/** Bytes that are copied at once. */
const CHUNK = 1 << 20

/** A file that is written; made by {@link openWriteStream}. */
export type WriteStream = {
  /** Resolves when more can be taken: wait for it. @throws {StoreError} `STORE_FULL`. */
  readonly write: (bytes: Uint8Array) => Promise<void>
  /** Makes it the file's content, durably. Throws as {@link FileHandle.sync}. */
  readonly close: () => Promise<Written>
  /** Forgets all that was written. Does nothing after `close`. */
  readonly abort: () => void
}

/** @throws {TreeError} as {@link openFile}. */
export async function openWriteStream(
  means: Means,
  group: Group,
  path: TreePath,
  options: WriteOptions,
): Promise<WriteStream> {
  const { create = true, exclusive = false } = options
  const work = new Work(means)
  try {
    const found = await tryWalk(work, path, { follow: true })
    if (found && create && exclusive)
      throw new TreeError('TREE_EXISTS', `${shown(path)} is there already`)
    if (!found && (!create || options.generation !== undefined))
      throw new TreeError('TREE_NOT_FOUND', `${shown(path)} is not there`)
    if (found) return over(await openOver(means, group, path, options))
    const { directory } = await directoryOf(new Work(means), path)
    return new NewFile(means, group, path, options, directory.place.tree)
  } finally {
    work.release()
  }
}

function openOver(means: Means, group: Group, path: TreePath, options: WriteOptions) {
  return openFile(means, group, path, { ...options, create: false, write: true, truncate: true })
}

/** A stream that puts new content into a file that is there. */
function over(handle: FileHandle): WriteStream {
  let at = 0
  return {
    async write(bytes) {
      await handle.write(at, bytes)
      at += bytes.length
    },
    async close() {
      // An empty file is a version too.
      await handle.truncate(at)
      try {
        const { size, generation } = await handle.sync()
        return { size, generation }
      } finally {
        handle.discard()
      }
    },
    abort: () => handle.discard(),
  }
}

/** A stream that makes a file when it is closed. */
class NewFile implements WriteStream {
  readonly #means: Means
  readonly #group: Group
  readonly #path: TreePath
  readonly #options: WriteOptions
  readonly #id
  readonly #key: SymmetricKey
  readonly #version: FileVersion

  constructor(
    means: Means,
    group: Group,
    path: TreePath,
    options: WriteOptions,
    tree: TreePath['tree'],
  ) {
    const { store, random } = means
    this.#means = means
    this.#group = group
    this.#path = path
    this.#options = options
    this.#id = newBlockId(random)
    this.#key = SymmetricKey.generate(random)
    this.#version = new FileVersion({
      store,
      random,
      place: { tree, id: this.#id },
      sectorSize: sectorSizeOf(options),
      root: EMPTY_ROOT,
      count: 0,
      size: 0,
      epoch: 1,
      keyOf: () => this.#key,
    })
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#version.write(this.#version.size, bytes)
  }

  async close(): Promise<Written> {
    try {
      const made = await this.#version.settle()
      const isMade = await this.#group.run(work => this.#make(work, made))
      if (isMade) return { size: made.size, generation: 1 }
      // Somebody was faster: this is the next version of his file.
      await this.#version.stageSettled(made)
      const stream = over(await openOver(this.#means, this.#group, this.#path, this.#options))
      for (let at = 0; at < made.size; at += CHUNK)
        await stream.write(await this.#version.read(at, CHUNK))
      return await stream.close()
    } finally {
      this.#version.release()
    }
  }

  abort(): void {
    this.#version.release()
  }

  /** @returns false when the file is there already. */
  async #make(work: Work, made: Made): Promise<boolean> {
    const found = await tryWalk(work, this.#path, { follow: true })
    if (found && !this.#options.exclusive) return false
    const block = await make(work, this.#path, 'file', {
      ...this.#options,
      id: this.#id,
      key: this.#key,
    })
    block.replace(made, sectorSizeOf(this.#options))
    return true
  }
}

/**
 * Writes a whole file that fits into memory; together with others that are written at the same time.
 *
 * @throws {TreeError} as {@link openFile}.
 */
export async function writeFile(
  means: Means,
  group: Group,
  path: TreePath,
  bytes: Uint8Array,
  options: WriteOptions,
): Promise<Written> {
  if (bytes.length <= CHUNK) return group.run(work => put(work, path, bytes, options))
  const stream = await openWriteStream(means, group, path, options)
  try {
    await stream.write(bytes)
    return await stream.close()
  } catch (error) {
    stream.abort()
    throw error
  }
}

/** Writes a small file in one go: what it replaces is what is there at that moment. */
async function put(
  work: Work,
  path: TreePath,
  bytes: Uint8Array,
  options: WriteOptions,
): Promise<Written> {
  const sectorSize = sectorSizeOf(options)
  const { create = true, exclusive = false, generation, lease, type } = options
  const { block, isNew } = await target(work, path, options)
  if (isNew) await fill(block, bytes, sectorSize)
  else {
    if (create && exclusive)
      throw new TreeError('TREE_EXISTS', `${formatPath(path)} is there already`)
    expectGeneration(block, generation, path)
    work.touch(block, lease)
    await fill(block, bytes, sectorSize)
    block.describe({ modified: work.now, ...(type !== undefined && { type }) })
    work.tell('written', block, path)
  }
  return { size: bytes.length, generation: Number(block.generation) + 1 }
}

/** The file at a path, ready to be written; a new one when there is none. */
async function target(
  work: Work,
  path: TreePath,
  options: WriteOptions,
): Promise<{ readonly block: OpenBlock; readonly isNew: boolean }> {
  const { directory, name } = await directoryOf(work, path)
  if (await directory.names.get(name)) {
    const found = await tryWalk(work, path, { follow: true })
    if (found) {
      await freshen(work, found)
      return { block: expectFile(last(found), path), isNew: false }
    }
  }
  if (options.create === false || options.generation !== undefined)
    throw new TreeError('TREE_NOT_FOUND', `${formatPath(path)} is not there`)
  const made = { ...options, sectorSize: sectorSizeOf(options) }
  // What is there leads nowhere.
  if (await directory.names.get(name))
    return { block: await make(work, path, 'file', made), isNew: true }
  expectOrdinary(directory, name)
  return { block: await makeIn(work, directory, path, 'file', made), isNew: true }
}

async function fill(block: OpenBlock, bytes: Uint8Array, sectorSize: number): Promise<void> {
  block.empty(sectorSize)
  if (bytes.length <= sectorSize) return block.fill(bytes)
  const { content, epoch } = block
  await content.resize(Math.ceil(bytes.length / sectorSize))
  for (let i = 0; i < content.count; i++)
    await content.write(i, epoch, bytes.subarray(i * sectorSize, (i + 1) * sectorSize))
  block.describe({ size: bytes.length })
}
