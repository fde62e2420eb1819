/** Long lists, a page at a time: the rest waits here for whoever asks for it. */
import { RpcError } from './error.ts'
import type { Entry } from '../tree/bucket.ts'

/** Entries of a page; with names of 255 bytes, each six in JSON, half of what a message may have. */
const PAGE = 300
/** Lists that wait; the one that was asked for longest ago goes first. */
const LISTS = 32

export type Page = { readonly entries: readonly Entry[]; readonly cursor?: number }

export class Cursors {
  readonly #lists = new Map<number, { readonly entries: readonly Entry[]; readonly from: number }>()
  #last = 0

  first(entries: readonly Entry[]): Page {
    return this.#page(entries, 0)
  }

  /** @throws {RpcError} `RPC_PARAMS` when the cursor is used up, or too old. */
  next(cursor: number): Page {
    const found = this.#lists.get(cursor)
    if (!found)
      throw new RpcError('RPC_PARAMS', `the cursor ${cursor} is not known any more: list again`)
    this.#lists.delete(cursor)
    return this.#page(found.entries, found.from)
  }

  #page(all: readonly Entry[], from: number): Page {
    const entries = all.slice(from, from + PAGE)
    if (from + PAGE >= all.length) return { entries }
    const cursor = (this.#last = (this.#last + 1) % 2 ** 32)
    this.#lists.set(cursor, { entries: all, from: from + PAGE })
    if (this.#lists.size > LISTS) this.#lists.delete(this.#lists.keys().next().value!)
    return { entries, cursor }
  }
}
