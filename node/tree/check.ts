/**
 * fsck of a tree: walks it from the root block, as a reader does, and says in words what is wrong; then
 * looks for blocks that no directory leads to. The store's own check comes first.
 */
import type { BlockId } from '../block/id.ts'
import { rootBlockId } from '../block/id.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Entry } from './bucket.ts'
import { checkContent, checkNames } from './check-block.ts'
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
  /** Called after each block. */
  readonly progress?: (blocks: number) => void
  readonly signal?: AbortSignal
}

export type Checked = {
  readonly blocks: number
  /** Of file contents that were read. */
  readonly bytes: number
  readonly findings: readonly Finding[]
}

export async function check(means: Means, group: Group, options: CheckOptions): Promise<Checked> {
  const checking = new Checking(means, group, options)
  await checking.run()
  const { blocks, bytes, findings } = checking
  return { blocks, bytes, findings }
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

  async run(): Promise<void> {
    const { store } = this.#means
    const { repair = false, signal } = this.#options
    await store.check({
      repair,
      ...(signal && { signal }),
      report: ({ code, message, repaired }) => this.#found(code, message, repaired),
      version: ({ tree, id, sibling }) => {
        if (tree === this.#tree && !sibling) this.#kept.add(id)
      },
    })
    const root = rootBlockId(this.#tree)
    const isThere = await this.#below({ tree: this.#tree, names: [] }, root)
    await this.#links()
    if (isThere) await this.#unreached(root)
  }

  /** @returns false when the block can't be opened. */
  async #below(path: Trail['path'], id: BlockId): Promise<boolean> {
    const work = new Work(this.#means)
    try {
      const block = await openById(work, this.#tree, id)
      if (!block) {
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
    this.#options.progress?.(this.blocks)
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
    if (!isRight && this.#options.repair) await this.#rebuild(block, [...good, ...restored], path)
  }

  /** @returns false when the entry leads nowhere. */
  async #child(work: Work, trail: Trail, entry: Entry, at: Trail['path']): Promise<boolean> {
    let block: OpenBlock
    try {
      block = await step(work, trail, entry)
      void block.attributes
    } catch (error) {
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

  async #rebuild(block: OpenBlock, entries: readonly Entry[], path: string): Promise<void> {
    await this.#group.run(work => rebuild(work, block.place, entries))
    this.#found('TREE_DAMAGED', `${path}: the directory was written anew`, true)
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
