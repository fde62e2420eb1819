/**
 * What some operations on a tree do together: the blocks they looked at and changed. It becomes one
 * change of the store, or is thrown away.
 */
import type { Place } from '../block/context.ts'
import type { OpenHeader } from '../block/header.ts'
import { parentOf } from '../block/header.ts'
import { rootBlockId, type BlockId } from '../block/id.ts'
import { whoSigns } from '../block/known.ts'
import { pathTo } from '../block/path.ts'
import { checkReceipt } from '../block/receipt.ts'
import { openRoots, rootKeyAt } from '../block/roots.ts'
import type { Principal } from '../crypto/principal.ts'
import type { SymmetricKey } from '../crypto/symmetric-key.ts'
import type {
  BlockRemoval,
  BlockWrite,
  Change,
  NoteWrite,
  Piece,
  Version,
} from '../store/change.ts'
import { hubOf, type Happened, type Happening } from './hub.ts'
import { leaseNote } from './lease-note.ts'
import type { Means } from './means.ts'
import { OpenBlock } from './open-block.ts'
import { DEPTH_MAX, formatPath, type TreePath } from './path.ts'
import type { Trail } from './walk.ts'

type SiblingRemoval = NonNullable<Change['siblingRemovals']>[number]

export class Work {
  readonly means: Means
  /** Ms since 1970, the same for all of it. */
  readonly now: number
  /** How often something was changed. */
  changes = 0
  readonly notes: NoteWrite[] = []
  readonly siblings: Version[] = []
  readonly siblingRemovals: SiblingRemoval[] = []
  readonly happened: Happened[] = []
  /** Directories that were found, by their paths; to be cleared when a name is taken away. */
  readonly trails = new Map<string, Trail>()
  #owner: { readonly roots: readonly Uint8Array[]; readonly principal: Principal } | undefined
  /** Paths to directories, when nothing moves any more. */
  #paths: Map<string, readonly BlockId[]> | undefined
  /** Blocks that were changed, and the token of the last one who did. */
  readonly #touched = new Map<OpenBlock, number | undefined>()
  readonly #pieces: Piece[] = []
  readonly #borrowed: (() => void)[] = []
  readonly #blocks = new Map<string, OpenBlock>()
  readonly #acceptances = new Map<OpenHeader, Uint8Array>()

  constructor(means: Means) {
    this.means = means
    this.now = means.clock()
  }

  /** A block as it is at this point of the work; locked until somebody finds its key. */
  get(tree: Principal, id: BlockId): OpenBlock | undefined {
    const name = `${tree}/${id}`
    const known = this.#blocks.get(name)
    if (known) return known.removed ? undefined : known
    const stored = this.means.store.block(tree, id)
    if (!stored) return undefined
    const opened = this.means.trust.open(tree, id, stored)
    this.#acceptances.set(opened, stored.acceptance)
    const block = OpenBlock.kept(this.means, opened)
    this.#blocks.set(name, block)
    return block
  }

  /** Reads a block again, from the store, when it is asked for next. */
  forget({ place: { tree, id } }: OpenBlock): void {
    this.#blocks.delete(`${tree}/${id}`)
  }

  /** Gives a block the key that is cached as `name`, or else the one that `find` finds. */
  async unlock(
    block: OpenBlock,
    name: string,
    find: () => SymmetricKey | Promise<SymmetricKey>,
  ): Promise<void> {
    const { keys } = this.means
    let borrowed = keys.borrow(name)
    if (!borrowed) {
      keys.set(name, await find())
      borrowed = keys.borrow(name)!
    }
    this.#borrowed.push(borrowed.giveBack)
    block.unlock(borrowed.key)
  }

  /** To be called when the work is over: keys that it used may be zeroed. */
  release(): void {
    for (const giveBack of this.#borrowed.splice(0)) giveBack()
  }

  /** A new block joins in. */
  add(block: OpenBlock): OpenBlock {
    this.#blocks.set(`${block.place.tree}/${block.id}`, block)
    this.changes++
    return block
  }

  /**
   * To be called before a block is changed.
   *
   * @param lease  the token of the one who changes it.
   * @throws {TreeError} `TREE_LEASED` another has the lease.
   */
  touch(block: OpenBlock, lease?: number): OpenBlock {
    const touched = this.#touched.has(block)
    if (block.base && !(touched && this.#touched.get(block) === lease)) {
      const note = leaseNote(this.means, block.place, lease, this.now)
      if (!touched) this.notes.push(note)
      this.#touched.set(block, lease)
    }
    this.changes++
    block.changed = true
    return block
  }

  /** As {@link touch}, but for keys only, which a lease does not protect. */
  touchFree(block: OpenBlock): OpenBlock {
    // What is below may have to follow.
    this.trails.clear()
    this.changes++
    block.changed = true
    return block
  }

  /** Whether this principal may write a block. */
  may(block: OpenBlock): boolean {
    const { tree } = block.place
    return this.means.authority.may(tree, this.ancestors(block), this.owner(tree))
  }

  /** Whose key owns the tree now; undefined when its root block is not here yet. */
  owner(tree: Principal): Principal | undefined {
    const root = this.get(tree, rootBlockId(tree))
    if (!root?.base || !root.roots) return undefined
    if (this.#owner?.roots === root.roots) return this.#owner.principal
    const { trust } = this.means
    const isKept = root.roots === root.base.header.roots
    const roots = isKept
      ? trust.rights(root.base, []).roots
      : openRoots(tree, root.roots, trust.cache)
    const principal = whoSigns(rootKeyAt(roots, this.now))
    this.#owner = { roots: root.roots, principal }
    return principal
  }

  remove(block: OpenBlock, lease?: number): void {
    this.touch(block, lease)
    block.removed = true
  }

  /** Ids from the root block to `block`, by the parents that headers name first. */
  ancestors(block: OpenBlock): readonly BlockId[] {
    const { tree, id } = block.place
    return pathTo(tree, id, at => (at === id ? block : this.get(tree, at))?.parents[0]?.id)
  }

  /** As {@link ancestors}; that of the parent is remembered. */
  #pathOf(block: OpenBlock): readonly BlockId[] {
    const { tree, id } = block.place
    const above = block.parents[0]?.id
    if (!this.#paths || above === undefined) return this.ancestors(block)
    const name = `${tree}/${above}`
    let path = this.#paths.get(name)
    if (!path) {
      const parent = this.get(tree, above)
      if (!parent) return this.ancestors(block)
      this.#paths.set(name, (path = this.ancestors(parent)))
    }
    if (path.includes(id) || path.length >= DEPTH_MAX) return this.ancestors(block)
    return [...path, id]
  }

  /**
   * Returns when the writer of a block had a right to it on this path; new blocks are trusted.
   *
   * @param ids  from the root block to `block`.
   */
  trust(block: OpenBlock, ids: readonly BlockId[]): void {
    if (!block.base) return
    const { tree } = block.place
    const path = ids.flatMap(id => {
      const base = this.get(tree, id)?.base
      return base ? [base] : []
    })
    if (path.length < ids.length) return
    this.means.trust.expectOnPath(path, () => this.#acceptances.get(block.base!)!)
  }

  /** Keeps a version beside the current one of its block. */
  besides(version: Version, pieces: readonly Piece[]): void {
    this.siblings.push(version)
    this.#pieces.push(...pieces)
    this.changes++
  }

  /** A version that was kept beside the current one of a block is not needed any more. */
  letGo({ tree, id }: Place, hash: Uint8Array): void {
    this.siblingRemovals.push({ tree, id, hash })
    this.changes++
  }

  /** Tells those who watch, once it is written. */
  tell(what: Happening, block: OpenBlock, path: TreePath): void {
    if (!hubOf(this.means.store).isListened) return
    const ids = this.ancestors(block)
    this.happened.push({ tree: block.place.tree, ids, what, path: formatPath(path) })
  }

  /** The change that all of this makes, signed; undefined when there is nothing to do. */
  async finish(): Promise<{ change: Change; written: OpenHeader[] } | undefined> {
    if (this.changes === 0) return undefined
    this.#paths = new Map()
    const pieces = [...this.#pieces]
    const blocks: BlockWrite[] = []
    const removals: BlockRemoval[] = []
    const written: OpenHeader[] = []
    for (const block of this.#blocks.values()) {
      const { base, place } = block
      if (block.removed) {
        if (base) removals.push({ ...place, expected: base.hash })
        continue
      }
      if (!block.changed) continue
      const sealed = await this.seal(block)
      for (const piece of sealed.pieces) pieces.push(piece)
      blocks.push({ ...sealed.version, expected: base?.hash })
      written.push(sealed.opened)
    }
    const { notes, siblings, siblingRemovals } = this
    const change = { pieces, blocks, removals, notes, siblings, siblingRemovals }
    return { change, written }
  }

  /** The signed header of a block, checked as one that came from elsewhere. */
  async seal(
    block: OpenBlock,
  ): Promise<{ version: Version; opened: OpenHeader; pieces: readonly Piece[] }> {
    const { means, now } = this
    const { tree } = block.place
    const ids = this.#pathOf(block)
    const writer = await means.authority.writer(tree, ids, this.owner(tree))
    const { header: opened, pieces } = await block.seal(writer, now)
    this.#check(block, opened, ids)
    const { header } = opened
    const version: Version = {
      ...block.place,
      generation: header.generation,
      content: { root: header.merkleRoot.subarray(2), count: header.sectors },
      header: opened.bytes,
      hash: opened.hash,
    }
    return { version, opened, pieces }
  }

  #check(block: OpenBlock, next: OpenHeader, ids: readonly BlockId[]): void {
    const { tree, id } = block.place
    const previous = block.base
    const root = this.get(tree, rootBlockId(tree))?.base ?? next
    const before = previous && parentOf(previous.header)
    const moves = previous !== undefined && before !== ids.at(-2)
    const headersOf = (path: readonly BlockId[]) =>
      path.flatMap(one => (one === id ? [] : (this.get(tree, one)?.base ?? [])))
    const oldPath = moves && before !== undefined ? this.#keptPath(tree, before) : undefined
    const parentPath = oldPath ?? ids.slice(0, -1)
    const above = [
      ...headersOf(parentPath),
      ...(moves ? headersOf(ids.slice(0, -1)) : []),
      ...(previous ? [previous] : []),
    ]
    const where = { parentPath, ...(moves && { newParentPath: ids.slice(0, -1) }) }
    const rights = this.means.trust.rights(root, above)
    checkReceipt({ previous, next, ...where }, { ...rights, at: this.now })
  }

  /** The path to a block as the headers that are kept have it. */
  #keptPath(tree: Principal, id: BlockId): readonly BlockId[] {
    return pathTo(tree, id, at => {
      const stored = this.means.store.block(tree, at)
      return stored && parentOf(this.means.trust.open(tree, at, stored).header)
    })
  }
}
