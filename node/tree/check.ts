/**
 * fsck: the store's own check, and who wrote each version that is not reached from the root block; then
 * the own tree from its root block on, as a reader walks it; then blocks that no directory leads to.
 * What is wrong is said in words.
 */
import type { BlockId } from '../block/id.ts'
import { rootBlockId } from '../block/id.ts'
import type { Principal } from '../crypto/principal.ts'
import type { CheckedVersion } from '../store/check-headers.ts'
import type { Entry } from './bucket.ts'
import { checkContent, checkNames } from './check-block.ts'
import { chainFault } from './check-chain.ts'
import { TreeError } from './error.ts'
import type { Group } from './group.ts'
import type { Means } from './means.ts'
import type { OpenBlock } from './open-block.ts'
import { formatPath } from './path.ts'
import { correctLinks, drop, rebuild, rescue, restore } from './repair.ts'
import { down, last, openById, step, type Trail } from './walk.ts'
import { Work } from './work.ts'

export type Finding = {
  /** That of the error it would be for a reader. */
  readonly code: string
  /** In words, with the path when there is one. */
  readonly says: string
  readonly repaired: boolean
}

export type CheckOptions = {
  /**
   * Puts right what can be: rebuilds directories, restores files from versions kept beside them, puts
   * what is lost into `lost+found`, drops what nobody can read.
   */
  readonly repair?: boolean
  readonly report?: (finding: Finding) => void
  /** Called after each block: of the store, in any tree, then of the own tree. */
  readonly progress?: (blocks: number, step: 'store' | 'tree') => void
  readonly signal?: AbortSignal
}

export type Checked = {
  /** Of the own tree. */
  readonly blocks: number
  /** Versions of blocks in the store, and what they consist of. */
  readonly versions: number
  readonly pieces: number
  /** Of file contents that were read. */
  readonly bytes: number
  readonly findings: readonly Finding[]
}

export async function check(means: Means, group: Group, options: CheckOptions): Promise<Checked> {
  const checking = new Checking(means, group, options)
  const { versions, pieces } = await checking.run()
  const { blocks, bytes, findings } = checking
  return { blocks, bytes, versions, pieces, findings }
}

class Checking {
  readonly #means: Means
  readonly #group: Group
  readonly #options: CheckOptions
  readonly #tree: Principal
  /** Ids of all blocks of the tree that are in the store. */
  readonly #kept = new Set<BlockId>()
  /** How many names lead to each block that was reached. */
  readonly #names = new Map<BlockId, number>()
  /** Blocks that a name leads to, and that can't be opened there. */
  readonly #closed = new Set<BlockId>()
  /** Files that say they have several names, or are found to have, with that number and a path. */
  readonly #linked = new Map<BlockId, { readonly links: number; readonly path: string }>()
  readonly findings: Finding[] = []
  blocks = 0
  bytes = 0

  constructor(means: Means, group: Group, options: CheckOptions) {
    this.#means = means
    this.#group = group
    this.#options = options
    this.#tree = means.own
  }

  async run(): Promise<{ readonly versions: number; readonly pieces: number }> {
    const { store } = this.#means
    const { repair = false, signal, progress } = this.#options
    const checked = await store.check({
      repair,
      ...(signal && { signal }),
      ...(progress && { progress: versions => progress(versions, 'store') }),
      report: ({ code, message, repaired }) => this.#found(code, message, repaired),
      version: version => {
        if (version.tree === this.#tree && !version.sibling) this.#kept.add(version.id)
        else return this.#unwalked(version)
      },
    })
    const root = rootBlockId(this.#tree)
    const isThere = await this.#below({ tree: this.#tree, names: [] }, root)
    await this.#links()
    if (isThere) await this.#unreached(root)
    return checked
  }

  /** A version that no walk from the own root block comes to. */
  async #unwalked(version: CheckedVersion): Promise<void> {
    const wrong = chainFault(this.#means, version)
    if (!wrong) return
    const { tree, id, stored, sibling } = version
    const { repair = false } = this.#options
    const what = sibling ? `a version kept beside block ${id}` : `block ${id} of ${tree}`
    if (repair && sibling)
      await this.#group.run(async work => work.letGo({ tree, id }, stored.hash))
    this.#fault(what, wrong, repair && sibling)
  }

  /** @returns false when the block can't be opened. */
  async #below(path: Trail['path'], id: BlockId): Promise<boolean> {
    const work = new Work(this.#means)
    try {
      const block = await openById(work, this.#tree, id)
      if (!block) {
        // A node need not have a tree of its own, nor keep it.
        if (this.#kept.size > 0)
          this.#found('TREE_NOT_FOUND', `${formatPath(path)}: the root block is not here`, false)
        return false
      }
      await this.#walk(work, { path, blocks: [block], ids: work.ancestors(block) })
      return true
    } catch (error) {
      this.#fault(formatPath(path), error, false)
      return false
    } finally {
      work.release()
    }
  }

  /** The last block of a trail, and all below it. */
  async #walk(work: Work, trail: Trail): Promise<void> {
    this.#options.signal?.throwIfAborted()
    const block = last(trail)
    const path = formatPath(trail.path)
    this.#names.set(block.id, 1)
    this.blocks++
    this.#options.progress?.(this.blocks, 'tree')
    if (block.kind !== 'directory') {
      const { links = 1 } = block.attributes
      if (links > 1) this.#linked.set(block.id, { links, path })
      this.bytes += await checkContent(this.#means, block, (code, says) =>
        this.#found(code, `${path}: ${says}`, false),
      )
      return
    }
    const names = await checkNames(block, (code, says) =>
      this.#found(code, `${path}: ${says}`, false),
    )
    const good: Entry[] = []
    const restored: Entry[] = []
    for (const entry of names.entries) {
      const at = { ...trail.path, names: [...trail.path.names, entry.name] }
      const opened = await this.#child(work, trail, entry, at)
      if (opened) good.push(entry)
      else {
        const other = await this.#restore(block, entry)
        if (other) restored.push(other)
      }
    }
    const isRight = names.isRight && good.length === names.entries.length
    if (!isRight && this.#options.repair) {
      const left = new Set([...good, ...restored].map(({ name }) => name))
      const lost = names.entries.filter(({ name }) => !left.has(name))
      await this.#rebuild(block, [...good, ...restored], path, lost)
    }
  }

  /** @returns false when the entry leads nowhere. */
  async #child(work: Work, trail: Trail, entry: Entry, at: Trail['path']): Promise<boolean> {
    let block: OpenBlock
    try {
      block = await step(work, trail, entry)
      void block.attributes
    } catch (error) {
      this.#closed.add(entry.id)
      this.#fault(formatPath(at), error, false)
      return false
    }
    const before = this.#names.get(block.id)
    if (before !== undefined) {
      this.#names.set(block.id, before + 1)
      if (block.kind === 'directory') {
        this.#found('TREE_DAMAGED', `${formatPath(at)}: the directory has another name too`, false)
        return false
      }
      const { links = 1 } = block.attributes
      this.#linked.set(block.id, { links, path: formatPath(at) })
      return true
    }
    await this.#walk(work, { ...down({ ...trail, path: at }, block), path: at })
    work.forget(block)
    return true
  }

  async #restore(directory: OpenBlock, entry: Entry): Promise<Entry | undefined> {
    if (!this.#options.repair) return undefined
    const restored = await restore(this.#means, this.#group, directory, entry)
    if (restored) {
      this.#names.set(restored.id, 1)
      const says = `${JSON.stringify(entry.name)} is there again, from a version kept beside it`
      this.#found('TREE_DAMAGED', says, true)
    }
    return restored
  }

  async #rebuild(
    block: OpenBlock,
    entries: readonly Entry[],
    path: string,
    lost: readonly Entry[],
  ): Promise<void> {
    await this.#group.run(work => rebuild(work, block.place, entries))
    const without = lost.map(({ name }) => JSON.stringify(name)).join(', ')
    const how = lost.length === 0 ? 'with all its names' : `without ${without}`
    this.#found('TREE_DAMAGED', `${path}: the directory was written anew, ${how}`, true)
  }

  async #links(): Promise<void> {
    for (const [id, { links, path }] of this.#linked) {
      const names = this.#names.get(id)!
      if (names === links) continue
      const { repair = false } = this.#options
      if (repair) await this.#group.run(work => correctLinks(work, { tree: this.#tree, id }, names))
      const says = `${path}: it has ${names} names, but says ${links}`
      this.#found('TREE_DAMAGED', says, repair)
    }
  }

  async #unreached(root: BlockId): Promise<void> {
    const lost = [...this.#kept].filter(id => !this.#names.has(id) && id !== root)
    for (const id of await this.#tops(lost)) {
      const place = { tree: this.#tree, id }
      if (!this.#options.repair) {
        if (!this.#closed.has(id))
          this.#found('TREE_DAMAGED', `block ${id} is in no directory`, false)
        continue
      }
      const path = await rescue(this.#group, place)
      if (path === undefined) await this.#group.run(async work => drop(work, place))
      const became = path === undefined ? 'it can’t be read and was dropped' : `it is now ${path}`
      this.#found('TREE_DAMAGED', `block ${id} was in no directory: ${became}`, true)
    }
  }

  /** Those of lost blocks that lie below no other lost directory. */
  async #tops(lost: readonly BlockId[]): Promise<BlockId[]> {
    const among = new Set(lost)
    const below = new Set<BlockId>()
    for (const id of lost) {
      const work = new Work(this.#means)
      try {
        const block = await openById(work, this.#tree, id)
        if (block?.kind !== 'directory') continue
        for (const entry of await block.names.list()) if (among.has(entry.id)) below.add(entry.id)
      } catch {
        // It is dropped, and what is in it is rescued by itself.
      } finally {
        work.release()
      }
    }
    return lost.filter(id => !below.has(id))
  }

  #fault(path: string, error: unknown, repaired: boolean): void {
    if (!(error instanceof Error)) throw error
    this.#options.signal?.throwIfAborted()
    const { code } = error as Error & { code?: string }
    if (code === undefined) throw error
    const says = error instanceof TreeError ? error.message : `${path}: ${error.message}`
    this.#found(code, says, repaired)
  }

  #found(code: string, says: string, repaired: boolean): void {
    const finding = { code, says, repaired }
    this.findings.push(finding)
    this.#options.report?.(finding)
  }
}
