/**
 * After a key changed: gives new keys to all below, and seals again what is sealed with old ones. It
 * goes block by block, beside everything else, and may be stopped and begun again at any time.
 */
import type { BlockId } from '../block/id.ts'
import type { Principal } from '../crypto/principal.ts'
import { Content } from './content.ts'
import type { Made } from './file-version.ts'
import { isStale, tryRekey } from './fresh.ts'
import type { Group } from './group.ts'
import type { Means } from './means.ts'
import type { OpenBlock } from './open-block.ts'
import type { TreePath } from './path.ts'
import { last, openById, walk } from './walk.ts'
import { Work } from './work.ts'

export type ResealOptions = {
  readonly signal?: AbortSignal
  /** Called after each block. */
  readonly progress?: (done: Resealed) => void
}

export type Resealed = {
  /** That were looked at. */
  readonly blocks: number
  /** That were sealed again. */
  readonly sectors: number
}

/** Bytes of sealed sectors that are written together. */
const TOGETHER = 1 << 20

/** @throws the signal's reason when it is aborted; what was done until then stays. */
export async function reseal(
  means: Means,
  group: Group,
  path: TreePath,
  options: ResealOptions,
): Promise<Resealed> {
  const work = new Work(means)
  try {
    const { tree, id } = last(await walk(work, path, { follow: true })).place
    const resealing = new Resealing(means, group, tree, options)
    await resealing.below(id, undefined)
    return resealing.done
  } finally {
    work.release()
  }
}

class Resealing {
  readonly #means: Means
  readonly #group: Group
  readonly #tree: Principal
  readonly #options: ResealOptions
  readonly #seen = new Set<BlockId>()
  done: Resealed = { blocks: 0, sectors: 0 }

  constructor(means: Means, group: Group, tree: Principal, options: ResealOptions) {
    this.#means = means
    this.#group = group
    this.#tree = tree
    this.#options = options
  }

  /** A block and all below it; `parent` is where it was found. */
  async below(id: BlockId, parent: BlockId | undefined): Promise<void> {
    this.#options.signal?.throwIfAborted()
    if (this.#seen.has(id)) return
    this.#seen.add(id)
    const children = await this.#group.run(work => this.#rekey(work, id, parent))
    for (const child of children) await this.below(child, id)
    await this.#content(id)
    this.done = { ...this.done, blocks: this.done.blocks + 1 }
    this.#options.progress?.(this.done)
  }

  /** @returns the blocks in it. */
  async #rekey(work: Work, id: BlockId, parent: BlockId | undefined): Promise<BlockId[]> {
    const block = await openById(work, this.#tree, id)
    if (!block) return []
    const above = parent === undefined ? undefined : await openById(work, this.#tree, parent)
    if (above && isStale(block, above)) await tryRekey(work, block)
    if (block.kind !== 'directory') return []
    return (await block.names.list()).map(entry => entry.id)
  }

  async #content(id: BlockId): Promise<void> {
    for (;;) {
      const work = new Work(this.#means)
      try {
        const block = await openById(work, this.#tree, id)
        if (!block || block.history.length === 0) return
        if (await this.#sealAgain(block)) return
      } finally {
        work.release()
      }
    }
  }

  /** @returns false when somebody else wrote meanwhile. */
  async #sealAgain(block: OpenBlock): Promise<boolean> {
    const { store, random } = this.#means
    const { header } = block.base!
    const root = header.merkleRoot.subarray(2)
    const content = new Content({
      place: block.place,
      sectorSize: header.sectorSize,
      root,
      count: header.sectors,
      keyOf: epoch => block.keyOf(epoch),
      load: hashes => store.pieces(hashes),
      random,
    })
    const unpin = store.pin({ root, count: header.sectors })
    const stage = store.stage()
    let [sectors, fresh] = [0, 0]
    try {
      for (let i = 0; i < header.sectors; i++) {
        this.#options.signal?.throwIfAborted()
        const epoch = await content.epochOf(i)
        if (epoch === undefined || epoch === block.epoch) continue
        const plain = (await content.read(i))!
        await content.write(i, block.epoch, plain)
        sectors++
        fresh += plain.length
        if (fresh < TOGETHER) continue
        fresh = 0
        await stage.add(content.take())
      }
      const flushed = await content.flush()
      await stage.add(flushed.pieces)
      await stage.flush()
      const made = { root: flushed.root, count: header.sectors, pieces: [] }
      const isDone = await this.#group.run(work =>
        this.#put(work, block, sectors ? made : undefined),
      )
      if (isDone) this.done = { ...this.done, sectors: this.done.sectors + sectors }
      return isDone
    } finally {
      stage.close()
      unpin()
    }
  }

  async #put(
    work: Work,
    before: OpenBlock,
    made: Omit<Made, 'size'> | undefined,
  ): Promise<boolean> {
    const block = await openById(work, this.#tree, before.id)
    if (!block) return true
    if (Buffer.compare(block.base!.hash, before.base!.hash) !== 0 || block.changed) return false
    if (!work.may(block)) return true
    const mayForget = await this.#mayForget(work, block)
    if (made) work.touchFree(block).replaceSealed(made)
    if (mayForget) work.touchFree(block).forgetHistory()
    return true
  }

  /** Whether nothing needs the block's old keys: no version beside it, and no block below it. */
  async #mayForget(work: Work, block: OpenBlock): Promise<boolean> {
    const { store } = this.#means
    if (store.siblings(this.#tree, block.id).length > 0) return false
    if (block.kind !== 'directory') return true
    for (const { id } of await block.names.list()) {
      const child = work.get(this.#tree, id)
      if (child && isStale(child, block)) return false
    }
    return true
  }
}
