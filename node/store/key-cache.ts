/**
 * Keys of blocks that were unwrapped lately: at most so many, those that were used last. A key that is
 * dropped is zeroed, as soon as nobody has borrowed it.
 */
import type { SymmetricKey } from '../crypto/symmetric-key.ts'

type Entry = { readonly key: SymmetricKey; borrowed: number; dropped: boolean }

export type Borrowed = {
  readonly key: SymmetricKey
  /** To be called once, when the key is not used any more. */
  readonly giveBack: () => void
}

export class KeyCache {
  readonly #max: number
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>()
  #hits = 0
  #misses = 0

  /** @param max  keys that are held. */
  constructor(max = 4096) {
    this.#max = max
  }

  /** How often a key was asked for and there, or not there; how many are held. */
  get counts(): { readonly hits: number; readonly misses: number; readonly held: number } {
    return { hits: this.#hits, misses: this.#misses, held: this.#entries.size }
  }

  /**
   * A key to be used before the next `await`: after it, it may have been zeroed.
   *
   * @param name  which key: tree, block and epoch in one text.
   */
  get(name: string): SymmetricKey | undefined {
    return this.#find(name)?.key
  }

  /** A key that stays as it is until it is given back. */
  borrow(name: string): Borrowed | undefined {
    const entry = this.#find(name)
    if (entry === undefined) return undefined
    entry.borrowed++
    let given = false
    return {
      key: entry.key,
      giveBack: () => {
        if (given) return
        given = true
        entry.borrowed--
        wipeIfOver(entry)
      },
    }
  }

  /** Takes over `key`: nobody else may wipe it from now on. One of the same name is dropped. */
  set(name: string, key: SymmetricKey): void {
    if (this.#entries.get(name)?.key === key) return
    this.drop(name)
    this.#entries.set(name, { key, borrowed: 0, dropped: false })
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#max) break
      this.drop(oldest)
    }
  }

  drop(name: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#entries.delete(name)
    entry.dropped = true
    wipeIfOver(entry)
  }

  clear(): void {
    for (const name of this.#entries.keys()) this.drop(name)
  }

  #find(name: string): Entry | undefined {
    const entry = this.#entries.get(name)
    if (entry === undefined) {
      this.#misses++
      return undefined
    }
    this.#hits++
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    return entry
  }
}

function wipeIfOver({ key, borrowed, dropped }: Entry): void {
  if (dropped && borrowed === 0) key.wipe()
}
