/** Signs what the store takes in, for the trees whose owner lets this node do so. */
import { acceptanceFormat } from '../block/acceptance.ts'
import type { Writer } from '../block/session.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Accept } from '../store/change.ts'
import type { Clock } from './means.ts'

export class Acceptor {
  readonly #clock: Clock
  readonly #writers = new Map<Principal, () => Promise<Writer>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** From now on headers of `tree` are accepted in the name of `writer`, who may write all of it. */
  serve(tree: Principal, writer: () => Promise<Writer>): void {
    this.#writers.set(tree, writer)
  }

  /** For {@link Store.open}. Nothing is signed for trees of others: their owners do. */
  readonly accept: Accept = async blocks => {
    const { tree } = blocks[0]!
    const writer = await this.#writers.get(tree)?.()
    if (!writer) return new Uint8Array()
    const { signKey: by, chain } = writer
    const named = blocks.map(({ id, generation, hash }) => ({ id, generation, hash }))
    const body = { v: 1, tree, at: this.#clock(), by, chain, blocks: named } as const
    return acceptanceFormat.sign(body, writer)
  }
}
