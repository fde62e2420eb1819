/**
 * An open file: reads and writes at any offset. Readers keep the version that they opened; what is
 * written is seen by others when it is saved, all at once.
 */
import { SEQUENTIAL_SECTOR } from '../block/sector.ts'
import { digestOf } from '../block/hash-schema.ts'
import type { OpenHeader } from '../block/header.ts'
import { TreeError } from './error.ts'
import { FileVersion } from './file-version.ts'
import type { Group } from './group.ts'
import type { Means } from './means.ts'
import type { OpenBlock } from './open-block.ts'
import { formatPath, type TreePath } from './path.ts'
import { save } from './save.ts'
import { statOf, type Stat } from './stat.ts'
import { openById } from './walk.ts'
import type { Work } from './work.ts'

export type HandleOptions = {
  readonly path: TreePath
  readonly writable: boolean
  /** Whether to lose against whoever writes meanwhile. */
  readonly insists?: boolean
  /** Token of a lease of the file. */
  readonly lease?: number
  /** Begins with an empty file. */
  readonly truncate?: boolean
  /** Bytes; of a file that is empty or truncated. */
  readonly sectorSize?: number
}

export class FileHandle {
  readonly path: string
  readonly writable: boolean
  readonly #means: Means
  readonly #group: Group
  readonly #options: HandleOptions
  readonly #work: Work
  #block: OpenBlock
  #base: OpenHeader
  #version: FileVersion
  #unpin: () => void
  #changed = false
  #closed = false

  /**
   * @param work   in which `block` was opened; the handle releases it.
   * @param unpin  lets go of the version that `block` is kept as.
   */
  constructor(
    group: Group,
    work: Work,
    block: OpenBlock,
    unpin: () => void,
    options: HandleOptions,
  ) {
    this.path = formatPath(options.path)
    this.writable = options.writable
    this.#means = work.means
    this.#group = group
    this.#options = options
    this.#work = work
    this.#block = block
    this.#base = block.base!
    this.#unpin = unpin
    this.#version = versionOf(work.means, block, options)
    this.#changed = options.truncate === true && block.sectors > 0
  }

  /** Bytes, with what was written and is not saved. */
  get size(): number {
    return this.#version.size
  }

  /** Of the version that was opened or saved last. */
  get generation(): number {
    return Number(this.#base.header.generation)
  }

  /** As of the version that was opened or saved last. */
  stat(): Stat {
    return statOf(this.#block, this.path, this.#work.means.trust.cache)
  }

  /**
   * Up to `length` bytes from `offset` on; fewer at the end.
   *
   * @throws {TreeError} `TREE_RANGE`, `TREE_CLOSED`; and as {@link Content.read}.
   */
  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#expectOpen()
    return this.#version.read(offset, length)
  }

  /** As `read`, in parts of a sector each, which saves a copy. */
  async readParts(offset: number, length: number): Promise<Uint8Array[]> {
    this.#expectOpen()
    return this.#version.readParts(offset, length)
  }

  /**
   * Fills `into` from `offset` on; the fastest way to read much, as no memory is taken for each part.
   *
   * @returns bytes that were read: fewer at the end. Throws as `read`.
   */
  async readInto(offset: number, into: Uint8Array): Promise<number> {
    this.#expectOpen()
    return this.#version.readInto(offset, into)
  }

  /** @throws {TreeError} `TREE_RANGE`, `TREE_CLOSED`; {StoreError} `STORE_FULL`. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#expectWritable()
    this.#changed = true
    await this.#version.write(offset, bytes)
  }

  /** Cuts off, or adds zeros that take no room. Throws as `write`. */
  async truncate(size: number): Promise<void> {
    this.#expectWritable()
    this.#changed = true
    await this.#version.truncate(size)
  }

  /**
   * Makes what was written the file's content, durably.
   *
   * @throws {TreeError} `TREE_CONFLICT` for one who insists: what he wrote is kept beside the file;
   *   `TREE_LEASED`, `TREE_NO_AUTHORITY`, `TREE_NOT_FOUND` when the file was removed.
   */
  async sync(): Promise<Stat> {
    this.#expectOpen()
    if (!this.#changed) return this.stat()
    const made = await this.#version.settle()
    const lost = await this.#group.run(work => this.#save(work, made))
    if (lost)
      throw new TreeError(
        'TREE_CONFLICT',
        `${this.path} was written by somebody else: what you wrote is kept beside it as version ${lost}`,
      )
    this.#version.release()
    this.#changed = false
    await this.#reopen()
    return this.stat()
  }

  /** Saves, and lets go of the file. May be called twice. Throws as `sync`. */
  async close(): Promise<void> {
    if (this.#closed) return
    try {
      await this.sync()
    } finally {
      this.discard()
    }
  }

  /** Lets go of the file; what was not saved is forgotten. */
  discard(): void {
    if (this.#closed) return
    this.#closed = true
    this.#version.release()
    this.#unpin()
    this.#work.release()
  }

  async #save(work: Work, made: Awaited<ReturnType<FileVersion['settle']>>) {
    const { insists = false, lease, path } = this.#options
    const block = await openById(work, this.#block.place.tree, this.#block.id)
    if (!block) throw new TreeError('TREE_NOT_FOUND', `${this.path} was removed meanwhile`)
    const lost = await save(work, block, {
      made,
      sectorSize: this.#version.sectorSize,
      base: this.#base,
      insists,
      path,
      ...(lease !== undefined && { lease }),
    })
    return lost && Buffer.from(lost).toString('hex')
  }

  /** Goes on from the version that was saved, or from one that somebody made of it. */
  async #reopen(): Promise<void> {
    const { tree, id } = this.#block.place
    const { store, trust } = this.#means
    const stored = store.block(tree, id)
    if (!stored) return
    this.#base = trust.open(tree, id, stored)
    const unpin = store.pin(stored.content)
    this.#unpin()
    this.#unpin = unpin
    this.#work.forget(this.#block)
    this.#block = (await openById(this.#work, tree, id)) ?? this.#block
    this.#base = this.#block.base!
    const { truncate: _, ...options } = this.#options
    this.#version = versionOf(this.#means, this.#block, options)
  }

  #expectOpen(): void {
    if (this.#closed) throw new TreeError('TREE_CLOSED', `${this.path} was closed: open it again`)
  }

  #expectWritable(): void {
    this.#expectOpen()
    if (!this.writable)
      throw new TreeError('TREE_CLOSED', `${this.path} is open for reading only: open it to write`)
  }
}

/** What a block holds, to be read and changed. */
export function versionOf(
  { store, random }: Means,
  block: OpenBlock,
  { truncate = false, sectorSize }: { truncate?: boolean; sectorSize?: number },
): FileVersion {
  const { header } = block.base!
  const fresh = truncate || header.sectors === 0
  return new FileVersion({
    store,
    random,
    place: block.place,
    sectorSize: fresh ? (sectorSize ?? header.sectorSize ?? SEQUENTIAL_SECTOR) : header.sectorSize,
    root: digestOf(header.merkleRoot),
    count: truncate ? 0 : header.sectors,
    size: truncate ? 0 : block.attributes.size,
    epoch: block.epoch,
    keyOf: epoch => block.keyOf(epoch),
  })
}
