/** Transactions of the store: each brings the state row along, and the witness outside. */
import type { Fresh, Freshness } from './freshness.ts'
import type { Database } from './sqlite.ts'
import type { State, Totals } from './state.ts'

/** How far the witness may be behind: told once for many transactions, it costs them nothing. */
const BEHIND_MS = 50

export class Writer {
  readonly #db: Database
  readonly #freshness: Freshness
  readonly state: State
  /** Why the witness could not be told last, if so. */
  witnessFault: unknown
  #soon: NodeJS.Timeout | undefined

  constructor(db: Database, state: State, freshness: Freshness) {
    this.#db = db
    this.state = state
    this.#freshness = freshness
  }

  /** Makes this database the newest there is, whatever the witness saw: numbers go on above that. */
  beginAnew(seen: Fresh | undefined): void {
    this.state.skipTo(seen?.sequence ?? 0)
    // Twice, so that both records of the file are there.
    for (let i = 0; i < 2; i++) {
      this.write(() => [undefined, {}])
      this.#tell()
    }
    this.#freshness.flush()
  }

  /** The witness knows all, also when the power goes. */
  close(): void {
    this.#tell()
    if (this.witnessFault === undefined) this.#freshness.flush()
    this.#freshness.close()
  }

  /**
   * Durable when it returns, or nothing happened.
   *
   * @param work  gives its result and what changes of the totals.
   */
  write<T>(work: (totals: Totals) => [T, Partial<Omit<Totals, 'sequence'>>]): T {
    const [result, totals] = this.#db.transaction(() => {
      const [result, changed] = work(this.state.totals)
      return [result, this.state.save(changed)] as const
    })
    this.state.adopt(totals)
    this.#soon ??= setTimeout(() => this.#tell(), BEHIND_MS).unref()
    return result
  }

  #tell(): void {
    clearTimeout(this.#soon)
    this.#soon = undefined
    try {
      this.#freshness.write(this.state.fresh)
      this.witnessFault = undefined
    } catch (error) {
      // What was written is written all the same; a witness that lags behind sees less.
      this.witnessFault = error
    }
  }
}
