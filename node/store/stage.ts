/**
 * Pieces that are written ahead of the change that needs them, so that a large file never lies in
 * memory. As long as a stage is open, its pieces are not collected.
 */
import type { Piece } from './change.ts'
import type { Commits } from './commits.ts'
import type { Pieces, Placed } from './pieces.ts'

/** Rows, and bytes of small pieces, that are held before they are written. */
const ROWS = 512
const SMALL_BYTES = 8 << 20

export class Stage {
  readonly #pieces: Pieces
  readonly #commits: Commits
  readonly #closed: () => void
  #placed: Placed[] = []
  #small = 0
  #before: Promise<void> = Promise.resolve()

  constructor(pieces: Pieces, commits: Commits, closed: () => void) {
    this.#pieces = pieces
    this.#commits = commits
    this.#closed = closed
  }

  /**
   * Writes pieces. Wait for it before the next call: that is what keeps memory bounded.
   *
   * @throws {StoreError} `STORE_FULL`, `STORE_IO`: close the stage then.
   */
  async add(pieces: readonly Piece[]): Promise<void> {
    const placed = await this.#pieces.place(pieces, true)
    for (const one of placed) {
      this.#placed.push(one)
      if (one.at === undefined) this.#small += one.length
    }
    if (this.#placed.length < ROWS && this.#small < SMALL_BYTES) return
    await this.#before
    this.#before = this.#flush()
    // An error comes out of the next call.
    this.#before.catch(() => {})
  }

  /**
   * Resolves when all pieces are where a change can name them; call it before that `commit`. Throws as
   * `add`.
   */
  async flush(): Promise<void> {
    await this.#before
    await this.#flush()
  }

  /** To be called after the commit, or instead of one: what no header names is then garbage. */
  close(): void {
    this.#pieces.drop(this.#placed)
    this.#placed = []
    this.#closed()
  }

  async #flush(): Promise<void> {
    const placed = this.#placed
    this.#placed = []
    this.#small = 0
    if (placed.length > 0) await this.#commits.add({}, placed)
  }
}
