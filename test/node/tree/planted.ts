/** A tree in a fresh store: the owner's node, and others who may get shares of it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootBlockId } from '../../../node/block/id.ts'
import { ED25519, X25519 } from '../../../node/crypto/algorithm.ts'
import type { CredentialStore } from '../../../node/crypto/credential-store.ts'
import { generateKeyPairs, recordOf, storeOf } from '../../../node/crypto/key-pairs.ts'
import { systemRandom, type Random } from '../../../node/crypto/random.ts'
import { successorCommitment } from '../../../node/crypto/root-key.ts'
import { Store, type StoreOptions } from '../../../node/store/store.ts'
import { Acceptor } from '../../../node/tree/acceptor.ts'
import { Tree } from '../../../node/tree/tree.ts'
import { repeatable } from '../crypto/fixed.ts'

/** Credentials in memory that are the same in every run. */
export async function person(name: string): Promise<CredentialStore> {
  const keys = generateKeyPairs({ sign: ED25519, decrypt: X25519 }, repeatable(`person ${name}`))
  return storeOf('memory', keys, await recordOf(keys))
}

export type Planted = {
  readonly folder: string
  readonly store: Store
  readonly acceptor: Acceptor
  readonly root: CredentialStore
  readonly node: CredentialStore
  /** The owner's node. */
  readonly tree: Tree
  /** Moves the clock, by ms; it goes on from there. */
  pass(ms: number): void
  readonly clock: () => number
  /** The same store, seen by another. */
  as(credentials: CredentialStore): Tree
  end(): Promise<void>
}

/** @param at  ms since 1970 when the clock is to stand still between calls of `pass`. */
export async function plant(
  options: { random?: Random; at?: number; store?: Partial<StoreOptions>; folder?: string } = {},
): Promise<Planted> {
  const { random = systemRandom, at } = options
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'bt-tree-'))
  let passed = 0
  const clock = () => (at ?? Date.now()) + passed
  const acceptor = new Acceptor(clock)
  const store = await Store.open(join(folder, 'store'), {
    accept: acceptor.accept,
    ...options.store,
  })
  const [root, node] = [await person('root'), await person('node')]
  const successor = successorCommitment((await person('next root')).signKey)
  const parts = { store, acceptor, random, clock, credentials: node }
  const isThere = store.block(root.principal, rootBlockId(root.principal)) !== undefined
  const tree = isThere
    ? Tree.open({ ...parts, own: root.principal })
    : await Tree.create({ ...parts, root, successor })
  const trees = [tree]
  return {
    folder,
    store,
    acceptor,
    root,
    node,
    tree,
    clock,
    pass: ms => void (passed += ms),
    as(credentials) {
      const other = Tree.open({ store, random, clock, credentials, own: root.principal })
      trees.push(other)
      return other
    },
    async end() {
      for (const one of trees) await one.close()
      await store.close()
      if (options.folder === undefined) rmSync(folder, { recursive: true })
    },
  }
}

export const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
export const bytes = (text: string) => new Uint8Array(Buffer.from(text))
