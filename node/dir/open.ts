/** A node directory that is open: its keys, its store, and the tree that is the node's own. */
import { statSync } from 'node:fs'
import { openCredentialFile } from '../crypto/credential-file.ts'
import type { CredentialStore } from '../crypto/credential-store.ts'
import type { Principal } from '../crypto/principal.ts'
import { systemRandom, type Random } from '../crypto/random.ts'
import { KeyCache } from '../store/key-cache.ts'
import { Store } from '../store/store.ts'
import { Acceptor } from '../tree/acceptor.ts'
import type { Clock } from '../tree/means.ts'
import { Tree } from '../tree/tree.ts'
import { readConfig, writeConfig, type Config } from './config.ts'
import { DirError } from './error.ts'
import { inside } from './place.ts'

export type DirectoryOptions = {
  readonly random?: Random
  readonly clock?: Clock
  /** Takes a store that was put back from a backup for the newest there is. */
  readonly acceptRollback?: boolean
}

export class NodeDirectory {
  readonly path: string
  readonly credentials: CredentialStore
  readonly store: Store
  readonly keys = new KeyCache()
  readonly random: Random
  readonly clock: Clock
  readonly acceptor: Acceptor
  #config: Config
  #tree: Tree

  /** For {@link openDirectory}. */
  constructor(
    path: string,
    parts: Required<Pick<DirectoryOptions, 'random' | 'clock'>> & {
      readonly config: Config
      readonly credentials: CredentialStore
      readonly acceptor: Acceptor
      readonly store: Store
    },
  ) {
    this.path = path
    this.#config = parts.config
    this.credentials = parts.credentials
    this.acceptor = parts.acceptor
    this.store = parts.store
    this.random = parts.random
    this.clock = parts.clock
    this.#tree = this.#opened()
  }

  /** Of the node. */
  get principal(): Principal {
    return this.credentials.principal
  }

  get config(): Config {
    return this.#config
  }

  /** Whose tree is the node's own; undefined before there is one. */
  get root(): Principal | undefined {
    return this.#config.root
  }

  /** Sees all trees of the store; `ROOT` is the node's own. Another one after {@link configure}. */
  get tree(): Tree {
    return this.#tree
  }

  /** What a tree of this node is opened or made with. */
  get parts() {
    const { store, credentials, random, clock, acceptor, keys } = this
    return { store, credentials, random, clock, acceptor, keys }
  }

  /** Changes the configuration, durably. */
  configure(change: Partial<Config>): void {
    const config = { ...this.#config, ...change }
    writeConfig(inside(this.path).config, config)
    this.#config = config
    this.#tree = this.#opened()
  }

  async close(): Promise<void> {
    await this.#tree.close()
    await this.store.close()
    await this.credentials.close()
  }

  #opened(): Tree {
    // Without a tree of its own, a node is an owner of nothing: it still reads those of others.
    return Tree.open({ ...this.parts, own: this.root ?? this.principal })
  }
}

/**
 * Opens the node directory at `path`, as the only process.
 *
 * @throws {DirError} `DIR_MISSING`, `DIR_EXPOSED`, `DIR_CONFIG`, `DIR_VERSION`.
 * @throws {CredentialError}, {StoreError} `STORE_HELD` and others.
 */
export async function openDirectory(
  path: string,
  { random = systemRandom, clock = Date.now, acceptRollback = false }: DirectoryOptions = {},
): Promise<NodeDirectory> {
  expectPrivate(path)
  const files = inside(path)
  const config = readConfig(files.config)
  const credentials = await openCredentialFile(files.credentials)
  const acceptor = new Acceptor(clock)
  const { quota } = config
  const store = await Store.open(files.store, {
    accept: acceptor.accept,
    acceptRollback,
    ...(quota !== undefined && { quota }),
  })
  return new NodeDirectory(path, { config, credentials, acceptor, store, random, clock })
}

function expectPrivate(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isDirectory())
    throw new DirError('DIR_MISSING', `there is no node directory at ${path}`)
  if ((found.mode & 0o077) !== 0 || (found.uid !== process.geteuid?.() && found.uid !== 0))
    throw new DirError(
      'DIR_EXPOSED',
      `${path} has mode ${(found.mode & 0o777).toString(8)} and owner ${found.uid}, ` +
        'others could reach the node: chmod 700',
    )
}
