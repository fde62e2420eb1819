/** Who wants to know of changes: one hub for each store, as several trees may be open on one. */
import type { BlockId } from '../block/id.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Store } from '../store/store.ts'

/** What became of a block. */
export type Happening = 'created' | 'written' | 'moved' | 'removed' | 'shared'

export type Happened = {
  readonly tree: Principal
  /** From the root block to the block, as it is or was. */
  readonly ids: readonly BlockId[]
  readonly what: Happening
  /** By which it was changed; after a move the new one. */
  readonly path: string
}

export type Listener = (happened: readonly Happened[]) => void

export class Hub {
  readonly #listeners = new Set<Listener>()

  /** @returns ends it. */
  listen(listener: Listener): () => void {
    const own: Listener = happened => listener(happened)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  get isListened(): boolean {
    return this.#listeners.size > 0
  }

  /** To be called when a change is durable. Listeners are called later, and not by the writer. */
  tell(happened: readonly Happened[]): void {
    if (happened.length === 0) return
    for (const listener of this.#listeners) queueMicrotask(() => listener(happened))
  }
}

const hubs = new WeakMap<Store, Hub>()

export function hubOf(store: Store): Hub {
  let hub = hubs.get(store)
  if (!hub) hubs.set(store, (hub = new Hub()))
  return hub
}
