/** When a node throws away what nothing names any more: what was replaced or removed. */
import type { Store } from '../store/store.ts'

/** Bytes that a store may grow by before it is worth a look, and that as a part of what it had. */
const GROWN_BYTES = 64 << 20
const GROWN_PART = 0.25

/** What a collection threw away. */
export type Tidied = { readonly pieces: number; readonly bytes: number }

/**
 * Gives a function to be called now and then. It collects garbage when the store has grown much since
 * the last time, and says what that came to; undefined when there was nothing to do.
 *
 * @throws of the function: as `Store.collect`; it is tried again when the store has grown once more.
 */
export function tidying(
  store: Pick<Store, 'status' | 'collect'>,
  grownBytes = GROWN_BYTES,
): () => Promise<Tidied | undefined> {
  let before = 0
  return async () => {
    if (store.status.usedBytes < before * (1 + GROWN_PART) + grownBytes) return undefined
    try {
      return await store.collect()
    } finally {
      before = store.status.usedBytes
    }
  }
}
