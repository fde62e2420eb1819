/**
 * Group commit: changes that come while another group is being written go together into the next one,
 * that is, into one transaction with one flush.
 *
 * Order: the large pieces are written and flushed, then one transaction does all the rest. A crash in
 * between leaves extents that no row names: free space.
 */
import type { Principal } from '../crypto/principal.ts'
import type { AcceptanceOf, Blocks } from './blocks.ts'
import { ACCEPTED_MAX, type Accept, type Change, type Content, type Version } from './change.ts'
import { Draft } from './draft.ts'
import { StoreError } from './error.ts'
import type { Notes } from './notes.ts'
import type { Pieces, Placed } from './pieces.ts'
import type { Room } from './room.ts'
import type { Writer } from './writer.ts'

type Waiting = {
  readonly change: Change
  readonly placed: readonly Placed[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Changes and bytes of a group, at most, unless a single change is larger. */
const GROUP_CHANGES = 4096
const GROUP_BYTES = 32 << 20

export type Parts = {
  readonly writer: Writer
  readonly pieces: Pieces
  readonly blocks: Blocks
  readonly notes: Notes
  readonly room: Room
  readonly accept: Accept
  /** Is told of each header that was stored. */
  readonly stored: (content: Content) => void
}

export class Commits {
  readonly #parts: Parts
  #queue: Waiting[] = []
  #running: Promise<void> | undefined
  /** Groups and changes since the store was opened. */
  readonly counts = { groups: 0, changes: 0 }

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Resolves when all of `change` is durable; `placed` are its pieces. Throws as `Store.commit`. */
  add(change: Change, placed: readonly Placed[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ change, placed, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    // Whoever else commits in this turn of the event loop comes along.
    await new Promise(resolve => setImmediate(resolve))
    while (this.#queue.length > 0) await this.#group(this.#take())
    this.#running = undefined
  }

  #take(): Waiting[] {
    let [count, bytes] = [0, 0]
    while (count < Math.min(this.#queue.length, GROUP_CHANGES) && bytes < GROUP_BYTES)
      bytes += this.#queue[count++]!.placed.reduce((sum, one) => sum + one.length, 0)
    return this.#queue.splice(0, count)
  }

  async #group(group: Waiting[]): Promise<void> {
    const { writer, pieces, blocks, notes, room } = this.#parts
    const draft = new Draft(blocks, notes, writer.state.totals.digest)
    try {
      room.begin()
    } catch (error) {
      for (const one of group) this.#refuse(one, error)
      return
    }
    const fit = group.filter(one => {
      try {
        room.spend(one.change, one.placed)
        draft.add(one.change)
        return true
      } catch (error) {
        this.#refuse(one, error)
        return false
      }
    })
    if (fit.length === 0) return
    try {
      const [signed] = await Promise.all([this.#accept(draft), pieces.file.sync()])
      const twice = writer.write(totals => {
        const taken = { pieces: totals.pieces, extents: totals.extents }
        const twice = fit.flatMap(one => this.#apply(one, draft, signed, taken, totals.epoch))
        return [twice, { ...taken, digest: draft.digest }]
      })
      this.counts.groups++
      this.counts.changes += fit.length
      for (const { change, placed } of fit) {
        pieces.settle(placed)
        for (const { content } of [...(change.blocks ?? []), ...(change.siblings ?? [])])
          this.#parts.stored(content)
      }
      pieces.drop(twice)
      for (const { resolve } of fit) resolve()
    } catch (error) {
      blocks.rolledBack()
      const full = error instanceof StoreError && error.code === 'STORE_FULL'
      // One of them may be too large, the others need not suffer.
      if (full && fit.length > 1) for (const one of fit) await this.#group([one])
      else for (const one of fit) this.#refuse(one, error)
    }
  }

  #refuse(one: Waiting, error: unknown): void {
    this.#parts.pieces.drop(one.placed)
    one.reject(error)
  }

  /** The acceptances of a group, each with the headers it names. */
  async #accept(draft: Draft): Promise<Signed> {
    const signed: Signed = new Map()
    for (const [tree, list] of draft.accepted) {
      const bytes: Uint8Array[] = []
      for (let i = 0; i < list.length; i += ACCEPTED_MAX)
        bytes.push(await this.#parts.accept(list.slice(i, i + ACCEPTED_MAX)))
      signed.set(tree, { bytes, kept: [], headers: list.length, used: 0 })
    }
    return signed
  }

  /** Inside the transaction. The headers come in the order in which the draft took them. */
  #apply(
    { change, placed }: Waiting,
    draft: Draft,
    signed: Signed,
    taken: { pieces: number; extents: number },
    epoch: number,
  ): readonly Placed[] {
    const { pieces, blocks, notes } = this.#parts
    const acceptance = ({ tree }: Version): AcceptanceOf => {
      const of = signed.get(tree)!
      const index = Math.floor(of.used++ / ACCEPTED_MAX)
      return (of.kept[index] ??=
        of.headers === 1 ? of.bytes[index]! : blocks.addAcceptance(of.bytes[index]!))
    }
    const twice = pieces.insert(placed, epoch, taken)
    for (const { tree, id } of change.removals ?? [])
      blocks.remove(tree, id, draft.before({ tree, id })!)
    for (const block of change.blocks ?? [])
      blocks.put(block, draft.hashOf(block), acceptance(block), draft.before(block))
    for (const sibling of change.siblings ?? [])
      blocks.addSibling(sibling, draft.hashOf(sibling), acceptance(sibling))
    for (const { tree, id, hash } of change.siblingRemovals ?? [])
      blocks.removeSibling(tree, id, hash)
    for (const note of change.notes ?? []) notes.write(note)
    return twice
  }
}

type Signed = Map<
  Principal,
  {
    readonly bytes: readonly Uint8Array[]
    readonly kept: AcceptanceOf[]
    /** How many headers they name. */
    readonly headers: number
    used: number
  }
>
