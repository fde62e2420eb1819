/** Transactions of the store: each brings the state row along, and the witness outside. */
import type { Fresh, Freshness } from './freshness.ts'
import type { Database } from './sqlite.ts'
import type { State, Totals } from './state.ts'

export class Writer {
  readonly #db: Database
  readonly #freshness: Freshness
  readonly state: State
  /** Why the witness could not be told last, if so. */
  witnessFault: unknown

  constructor(db: Database, state: State, freshness: Freshness) {
    this.#db = db
    this.state = state
    this.#freshness = freshness
  }

  /** Makes this database the newest there is, whatever the witness saw: numbers go on above that. */
  beginAnew(seen: Fresh | undefined): void {
    this.state.skipTo(seen?.sequence ?? 0)
    // Twice, so that both records of the file are there.
    this.write(() => [undefined, {}])
    this.write(() => [undefined, {}])
    this.#freshness.flush()
  }

  /**
   * Durable when it returns, or nothing happened.
   *
   * @param work  gives its result and what changes of the totals.
   */
  write<T>(work: (totals: Totals) => [T, Partial<Omit<Totals, 'sequence'>>]): T {
    this.witnessFault = undefined
    const [result, totals] = this.#db.transaction(() => {
      const [result, changed] = work(this.state.totals)
      return [result, this.state.save(changed)] as const
    })
    this.state.adopt(totals)
    try {
      this.#freshness.write(this.state.fresh)
    } catch (error) {
      // The change is done all the same; a witness that lags behind is one that sees less.
      this.witnessFault = error
    }
    return result
  }
}
