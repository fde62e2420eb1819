/** Long work in small steps, so that the daemon goes on answering, and that can be stopped between. */

export type Turn = () => Promise<void>

/** Pieces that are looked at in one step. */
const STEP = 256

/** Lets everything else that waits have its turn. */
export const yieldTurn: Turn = () => new Promise(resolve => setImmediate(resolve))

export class Turns {
  readonly #turn: Turn
  readonly #signal: AbortSignal | undefined
  #step: number
  #growth = 1
  #counted = 0

  constructor(turn: Turn, signal: AbortSignal | undefined, step = STEP) {
    this.#turn = turn
    this.#signal = signal
    this.#step = step
  }

  /** Ends a step. @throws the signal's reason when it is aborted. */
  async next(): Promise<void> {
    this.#counted = 0
    this.#step *= this.#growth
    this.#signal?.throwIfAborted()
    await this.#turn()
    this.#signal?.throwIfAborted()
  }

  /** From now on each step is twice as long: for work that others add to, so that it ends. */
  hurry(): void {
    this.#growth = 2
  }

  /** Counts one thing done; ends the step when it was enough. Throws as `next`. */
  count(): Promise<void> | undefined {
    return ++this.#counted < this.#step ? undefined : this.next()
  }
}
