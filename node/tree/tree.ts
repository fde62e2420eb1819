/**
 * A tree of blocks as a file system: what one principal sees and may do, on a store. Paths are those of
 * `path.ts`. Every change is durable when its promise resolves, and is seen wholly or not at all.
 */
import { rootBlockId } from '../block/id.ts'
import { Recent } from '../block/recent.ts'
import { discard } from '../crypto/bytes.ts'
import type { CredentialStore } from '../crypto/credential-store.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Random } from '../crypto/random.ts'
import { KeyCache } from '../store/key-cache.ts'
import type { Store } from '../store/store.ts'
import type { Acceptor } from './acceptor.ts'
import { Authority } from './authority.ts'
import type { Entry } from './bucket.ts'
import { check, type Checked, type CheckOptions } from './check.ts'
import { createTree, rotateRoot } from './create.ts'
import { TreeError } from './error.ts'
import type { FileHandle } from './file-handle.ts'
import { Group } from './group.ts'
import { hubOf, type Happened } from './hub.ts'
import { releaseLease, renewLease, takeLease, type Lease } from './lease.ts'
import { link, make, makeDirectory, type MakeOptions } from './make.ts'
import type { Clock, Means } from './means.ts'
import { openFile, type OpenOptions } from './open-file.ts'
import { openVersion, type OpenVersion } from './open-version.ts'
import { expectTarget, formatPath, parsePath, type TreePath } from './path.ts'
import { remove, type RemoveOptions } from './remove.ts'
import { rename, type RenameOptions } from './rename.ts'
import { setAttributes, type AttributeChange } from './set-attributes.ts'
import { answered, request, requests, waiting, type AccessRequest } from './requests.ts'
import { reseal, type Resealed, type ResealOptions } from './reseal.ts'
import { share, sharedWith, unshare, type Share, type Shared, type ShareOptions } from './share.ts'
import { statOf, type Stat } from './stat.ts'
import { Trust } from './trust.ts'
import { keep, versions, type FileVersionInfo } from './versions.ts'
import { expectDirectory, last, walk } from './walk.ts'
import { Work } from './work.ts'
import { openWriteStream, writeFile } from './write-stream.ts'
import type { WriteOptions, WriteStream, Written } from './write-stream.ts'

export type TreeOptions = {
  readonly store: Store
  /** Whose keys read and write. */
  readonly credentials: CredentialStore
  /** What `ROOT` stands for in paths. */
  readonly own: Principal
  readonly random: Random
  readonly clock: Clock
  /** Of the store, when `credentials` accept changes in the name of the owner of `own`. */
  readonly acceptor?: Acceptor
  /** Shared by the trees of a node. */
  readonly keys?: KeyCache
}

export type CreateOptions = Omit<TreeOptions, 'own'> & {
  /** The owner's keys: they sign the root block, and let `credentials` write below it. */
  readonly root: CredentialStore
  /** Commitment to the next root key, 34 bytes; see `successorCommitment`. */
  readonly successor: Uint8Array
}

/** Bytes that a stream reads at once. */
const CHUNK = 1 << 20

export class Tree {
  readonly own: Principal
  readonly #means: Means
  readonly #group: Group
  readonly #watchers = new Set<() => void>()

  private constructor(means: Means) {
    this.own = means.own
    this.#means = means
    this.#group = new Group(means)
  }

  /**
   * Makes the tree of `root` in a store that does not have it.
   *
   * @throws {TreeError} `TREE_EXISTS`.
   */
  static async create({ root, successor, ...options }: CreateOptions): Promise<Tree> {
    const tree = Tree.open({ ...options, own: root.principal })
    await createTree(tree.#means, root, successor)
    return tree
  }

  /** A tree that is, or will be, in the store. Nothing is read before it is asked for. */
  static open(options: TreeOptions): Tree {
    const { store, credentials, own, random, clock, acceptor, keys = new KeyCache() } = options
    const authority = new Authority({ store, credentials, random, clock })
    acceptor?.serve(own, () => authority.writer(own, [rootBlockId(own)]))
    return new Tree({
      store,
      credentials,
      own,
      random,
      clock,
      authority,
      keys,
      trust: new Trust(clock),
      buckets: new Recent(BUCKETS),
    })
  }

  /** @param follow  whether a symlink at the end is followed; true when missing. */
  async stat(path: string, { follow = true }: { follow?: boolean } = {}): Promise<Stat> {
    const parsed = this.#path(path)
    return this.#read(async work =>
      statOf(
        last(await walk(work, parsed, { follow })),
        formatPath(parsed),
        work.means.trust.cache,
      ),
    )
  }

  /** All names in a directory, sorted by their bytes. @throws {TreeError} `TREE_NOT_DIRECTORY`. */
  async list(path: string): Promise<Entry[]> {
    const parsed = this.#path(path)
    return this.#read(async work => {
      const directory = expectDirectory(last(await walk(work, parsed, { follow: true })), parsed)
      return directory.names.list()
    })
  }

  /**
   * Makes a directory; with `parents` also those above it, and nothing when it is there already.
   *
   * @throws {TreeError} `TREE_EXISTS`.
   */
  async mkdir(
    path: string,
    options: MakeOptions & { readonly parents?: boolean } = {},
  ): Promise<void> {
    const parsed = this.#path(path)
    return this.#group.run(work => makeDirectory(work, parsed, options))
  }

  /** See {@link OpenOptions}. Close it. @throws {TreeError} as {@link openFile}. */
  async openFile(path: string, options: OpenOptions = {}): Promise<FileHandle> {
    return openFile(this.#means, this.#group, this.#path(path), options)
  }

  /**
   * A file's bytes from `start` up to `end`, of the version it has now, a sector at a time; 1 MiB is
   * read ahead.
   *
   * @param options.reuse  each part is gone when the next one is asked for: so a large file takes no
   *   more memory than a small one, and less work.
   */
  async *readStream(
    path: string,
    options: { readonly start?: number; readonly end?: number; readonly reuse?: boolean } = {},
  ): AsyncGenerator<Uint8Array, void> {
    const { start = 0, end = Infinity, reuse = false } = options
    const handle = await this.openFile(path)
    try {
      const stop = Math.min(end, handle.size)
      const next = (at: number) => handle.readParts(at, Math.min(CHUNK, stop - at))
      let coming = start < stop ? next(start) : undefined
      for (let at = start; at < stop; at += CHUNK) {
        const parts = await coming!
        coming = at + CHUNK < stop ? next(at + CHUNK) : undefined
        // Whoever reads no further must not leave an error behind that nobody sees.
        coming?.catch(() => {})
        for (const part of parts) {
          yield part
          if (reuse) discard(part)
        }
      }
    } finally {
      handle.discard()
    }
  }

  /** Replaces a file, or makes it, when the stream is closed. See {@link WriteStream}. */
  async writeStream(path: string, options: WriteOptions = {}): Promise<WriteStream> {
    return openWriteStream(this.#means, this.#group, this.#path(path), options)
  }

  /** A whole file that fits into memory. */
  async readFile(path: string): Promise<Uint8Array> {
    const handle = await this.openFile(path)
    try {
      return await handle.read(0, handle.size)
    } finally {
      handle.discard()
    }
  }

  /** Replaces a file, or makes it. Those made at the same time share their costs. */
  async writeFile(path: string, bytes: Uint8Array, options: WriteOptions = {}): Promise<Written> {
    return writeFile(this.#means, this.#group, this.#path(path), bytes, options)
  }

  /** Throws as {@link rename}. */
  async rename(from: string, to: string, options: RenameOptions = {}): Promise<void> {
    const [source, target] = [this.#path(from), this.#path(to)]
    return this.#group.run(work => rename(work, source, target, options))
  }

  /** @returns how many names are gone. @throws {TreeError} `TREE_NOT_EMPTY`. */
  async remove(path: string, options: RemoveOptions = {}): Promise<number> {
    const parsed = this.#path(path)
    return this.#group.run(work => remove(work, parsed, options))
  }

  /** Gives a file another name. @throws {TreeError} `TREE_LINKS`, `TREE_EXISTS`. */
  async link(path: string, to: string): Promise<void> {
    const [source, target] = [this.#path(path), this.#path(to)]
    return this.#group.run(work => link(work, source, target))
  }

  /**
   * @param target  a path, or one that begins at the symlink's directory; need not exist.
   * @throws {TreeError} `TREE_PATH` for what can be no target.
   */
  async symlink(target: string, path: string): Promise<void> {
    expectTarget(target)
    const parsed = this.#path(path)
    return this.#group.run(async work => void (await make(work, parsed, 'symlink', { target })))
  }

  /** @throws {TreeError} `TREE_NOT_SYMLINK`. */
  async readlink(path: string): Promise<string> {
    const { target, kind } = await this.stat(path, { follow: false })
    if (target !== undefined) return target
    throw new TreeError('TREE_NOT_SYMLINK', `${path} is a ${kind}, not a symlink`)
  }

  async setAttributes(path: string, change: AttributeChange): Promise<void> {
    const parsed = this.#path(path)
    return this.#group.run(work => setAttributes(work, parsed, change))
  }

  /** Takes the lease of a block for `ms`. See `lease.ts`. @throws {TreeError} `TREE_LEASED`. */
  async lease(path: string, ms: number): Promise<Lease> {
    return takeLease(this.#means, await this.#place(path), ms)
  }

  async renewLease(path: string, token: number, ms: number): Promise<Lease> {
    return renewLease(this.#means, await this.#place(path), token, ms)
  }

  async releaseLease(path: string, token: number): Promise<void> {
    return releaseLease(this.#means, await this.#place(path), token)
  }

  /**
   * Calls `listener` after each change of the block at `path` or of anything below it.
   *
   * @returns ends it.
   */
  async watch(path: string, listener: (happened: Happened) => void): Promise<() => void> {
    const { tree, id } = await this.#place(path)
    const end = hubOf(this.#means.store).listen(all => {
      for (const one of all) if (one.tree === tree && one.ids.includes(id)) listener(one)
    })
    this.#watchers.add(end)
    return () => {
      end()
      this.#watchers.delete(end)
    }
  }

  /** The current version of a file first, then those that lost against others. */
  async versions(path: string): Promise<FileVersionInfo[]> {
    const parsed = this.#path(path)
    return this.#read(work => versions(work, parsed))
  }

  /** One of a file's versions, for reading. Discard it. @throws {TreeError} `TREE_NO_VERSION`. */
  async openVersion(path: string, hash: string): Promise<OpenVersion> {
    return openVersion(this.#means, this.#path(path), hash)
  }

  /** Makes one of a file's versions the only one. @throws {TreeError} `TREE_NO_VERSION`. */
  async keep(path: string, hash: string): Promise<void> {
    const parsed = this.#path(path)
    return this.#group.run(work => keep(work, parsed, hash))
  }

  /** Lets a principal read, or write too. @param record  his signed `PrincipalRecord`. */
  async share(path: string, record: Uint8Array, options: ShareOptions = {}): Promise<Shared> {
    return share(this.#group, this.#means, this.#path(path), record, options)
  }

  /** Throws as {@link unshare}. */
  async unshare(path: string, from: Principal): Promise<void> {
    return unshare(this.#group, this.#means, this.#path(path), from)
  }

  /** Who has a share of just this block. */
  async shares(path: string): Promise<Share[]> {
    const parsed = this.#path(path)
    return this.#read(async work =>
      sharedWith(this.#means, last(await walk(work, parsed, { follow: true }))),
    )
  }

  /** Seals again, with the newest keys, all from `path` on. Takes long: see {@link ResealOptions}. */
  async reseal(path: string, options: ResealOptions = {}): Promise<Resealed> {
    return reseal(this.#means, this.#group, this.#path(path), options)
  }

  /** Asks the owner for access. */
  async request(
    path: string,
    { write = false, note }: { readonly write?: boolean; readonly note?: string } = {},
  ): Promise<AccessRequest> {
    const asked = { write, ...(note !== undefined && { note }) }
    return request(this.#means, this.#path(path), asked)
  }

  /** Those that wait for an answer. */
  requests(): AccessRequest[] {
    return requests(this.#means)
  }

  /** Shares what was asked for. @throws {TreeError} `TREE_NO_REQUEST`, and as {@link share}. */
  async approve(id: string, options: Omit<ShareOptions, 'write'> = {}): Promise<Shared> {
    const { request, record } = waiting(this.#means, id)
    const shared = await this.share(request.path, record, { ...options, write: request.write })
    await answered(this.#means, id)
    return shared
  }

  /** @throws {TreeError} `TREE_NO_REQUEST`. */
  async deny(id: string): Promise<AccessRequest> {
    const { request } = waiting(this.#means, id)
    await answered(this.#means, id)
    return request
  }

  /** Puts the announced root key in the place of the one there is. See {@link rotateRoot}. */
  rotate(next: CredentialStore, successor: Uint8Array): Promise<void> {
    return rotateRoot(this.#means, next, successor)
  }

  /** Walks all of the own tree and says what is wrong with it, see {@link CheckOptions}. */
  check(options: CheckOptions = {}): Promise<Checked> {
    return check(this.#means, this.#group, options)
  }

  /** Waits for what is under way. The store stays open. */
  async close(): Promise<void> {
    for (const end of this.#watchers) end()
    this.#watchers.clear()
    await this.#group.idle()
  }

  #place(path: string) {
    const parsed = this.#path(path)
    return this.#read(async work => last(await walk(work, parsed, { follow: true })).place)
  }

  #path(text: string): TreePath {
    return parsePath(text, this.own)
  }

  async #read<T>(operation: (work: Work) => Promise<T>): Promise<T> {
    const work = new Work(this.#means)
    try {
      return await operation(work)
    } finally {
      work.release()
    }
  }
}

/** Buckets that are remembered, twice; some KB each. */
const BUCKETS = 512
