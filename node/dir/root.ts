/**
 * The root key of a node directory: kept sealed in `root.age`, opened for the moment of a call. The key
 * itself is made and unsealed by who calls; this process only gets what it takes to sign.
 */
import { existsSync, readFileSync } from 'node:fs'
import { CapabilityCache } from '../block/capability-cache.ts'
import { openHeader } from '../block/header.ts'
import { rootBlockId } from '../block/id.ts'
import { openRoots } from '../block/roots.ts'
import type { Principal } from '../crypto/principal.ts'
import { principalOf } from '../crypto/principal.ts'
import type { PublicKey } from '../crypto/public-key.ts'
import { RootKey, successorCommitment } from '../crypto/root-key.ts'
import { Tree } from '../tree/tree.ts'
import { DirError } from './error.ts'
import type { NodeDirectory } from './open.ts'
import { inside } from './place.ts'
import { replaceFile } from './replace.ts'

/** A root key, and the age file that keeps it. */
export type RootHanded = {
  readonly phrase: string
  readonly generation: number
  readonly file: string
}

/** What is here of the node's own tree. */
export function rootHere(directory: NodeDirectory): {
  readonly key: boolean
  readonly tree: boolean
} {
  const { root, store, path } = directory
  const tree = root !== undefined && store.block(root, rootBlockId(root)) !== undefined
  return { key: existsSync(inside(path).root), tree }
}

/** The age file. @throws {DirError} `DIR_ROOT_MISSING`. */
export function rootFile({ path }: NodeDirectory): string {
  try {
    return readFileSync(inside(path).root, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new DirError(
      'DIR_ROOT_MISSING',
      'the root key is not on this node: blocktree root restore puts it back, root create makes one',
    )
  }
}

/**
 * Makes the tree of a root key the node's own, and keeps the key.
 *
 * @param makeTree  makes an empty tree when the store has none of that key.
 * @throws {DirError} `DIR_ROOT_EXISTS`; {RootError} for a phrase that is none.
 */
export async function adoptRoot(
  directory: NodeDirectory,
  { phrase, generation, file }: RootHanded,
  makeTree: boolean,
): Promise<Principal> {
  const first = RootKey.fromPhrase(phrase)
  const next = RootKey.fromPhrase(phrase, generation + 1)
  const owner = await first.open()
  try {
    const root = owner.principal
    expectOther(directory, root)
    replaceFile(inside(directory.path).root, Buffer.from(file, 'latin1'))
    directory.configure({ root })
    if (!makeTree || rootHere(directory).tree) return root
    const { sign } = await next.keys()
    const successor = successorCommitment(sign.publicKey)
    await (await Tree.create({ ...directory.parts, root: owner, successor })).close()
    return root
  } finally {
    await owner.close()
    first.wipe()
    next.wipe()
  }
}

/**
 * Lets the next root key take over, and keeps it in the place of the one there is.
 *
 * @param handed  phrase and generation of the key there is; the file of the one that follows it.
 * @returns the generation that counts now.
 * @throws {DirError} `DIR_ROOT_MISSING`, `DIR_ROOT_EXISTS` the phrase is of another root key;
 *   {RootError} `ROOT_SUCCESSOR_OTHER`.
 */
export async function rotateRoot(
  directory: NodeDirectory,
  { phrase, generation, file }: RootHanded,
): Promise<number> {
  rootFile(directory)
  expectOther(directory, await ownerOf(phrase))
  const [next, later] = [1, 2].map(more => RootKey.fromPhrase(phrase, generation + more))
  const owner = await next!.open()
  try {
    const { sign } = await later!.keys()
    // After a crash between the two steps the tree has this key already.
    if (!keyInForce(directory)?.equals(owner.signKey))
      await directory.tree.rotate(owner, successorCommitment(sign.publicKey))
    replaceFile(inside(directory.path).root, Buffer.from(file, 'latin1'))
    return next!.generation
  } finally {
    await owner.close()
    next!.wipe()
    later!.wipe()
  }
}

/** The root key that the tree names now. */
function keyInForce({ root, store }: NodeDirectory): PublicKey<'sign'> | undefined {
  const stored = root && store.block(root, rootBlockId(root))
  if (!stored) return undefined
  const { header } = openHeader(stored.header)
  return openRoots(root, header.roots ?? [], new CapabilityCache()).at(-1)?.key
}

function expectOther(directory: NodeDirectory, root: Principal): void {
  const { root: own } = directory
  if (own === undefined || own === root) return
  throw new DirError(
    'DIR_ROOT_EXISTS',
    `this node’s own tree is that of ${own}, the key is that of ${root}: a node has one`,
  )
}

/** The principal of a root key of any generation: that of its first. */
async function ownerOf(phrase: string): Promise<Principal> {
  const first = RootKey.fromPhrase(phrase)
  const { sign } = await first.keys()
  first.wipe()
  return principalOf(sign.publicKey)
}
