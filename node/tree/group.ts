/**
 * Operations that change a tree, in groups: those that come while others are under way are worked out
 * together and become one change. So a thousand files made at once in one directory are one new
 * version of that directory. Each operation is done wholly or not at all.
 */
import { StoreError } from '../store/error.ts'
import { hubOf } from './hub.ts'
import type { Means } from './means.ts'
import { Work } from './work.ts'

/** May be called several times, each time with other work, until one is written. */
export type Operation<T> = (work: Work) => Promise<T>

type Waiting = {
  readonly operation: Operation<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Operations that are worked out together, at most. */
const TOGETHER = 1024
/** How often work is begun again because somebody else was faster. */
const TRIES = 50

export class Group {
  readonly #means: Means
  readonly #queue: Waiting[] = []
  #running: Promise<void> | undefined

  constructor(means: Means) {
    this.#means = means
  }

  /** Resolves when what `operation` changed is durable. */
  run<T>(operation: Operation<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ operation, resolve: resolve as (value: unknown) => void, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    // Whoever else changes something in this turn of the event loop comes along.
    await new Promise(resolve => setImmediate(resolve))
    while (this.#queue.length > 0) await this.#together(this.#queue.splice(0, TOGETHER), TRIES)
    this.#running = undefined
  }

  async #together(group: readonly Waiting[], tries: number): Promise<void> {
    const work = new Work(this.#means)
    try {
      await this.#attempt(work, group, tries)
    } finally {
      work.release()
    }
  }

  async #attempt(work: Work, group: readonly Waiting[], tries: number): Promise<void> {
    const done: [Waiting, unknown][] = []
    const refused = new Set<Waiting>()
    for (const one of group) {
      const before = work.changes
      try {
        done.push([one, await one.operation(work)])
      } catch (error) {
        one.reject(error)
        refused.add(one)
        // What it had changed already is in the work: the others begin anew without it.
        const rest = group.filter(other => !refused.has(other))
        if (work.changes !== before) return this.#together(rest, tries)
      }
    }
    try {
      await this.#write(work)
    } catch (error) {
      const again = done.map(([one]) => one)
      if (isRaced(error) && tries > 1) return this.#together(again, tries - 1)
      if (again.length === 1) return again[0]!.reject(error)
      // One of them is to blame, the others need not suffer.
      for (const one of again) await this.#together([one], tries)
      return
    }
    for (const [one, value] of done) one.resolve(value)
  }

  async #write(work: Work): Promise<void> {
    const finished = await work.finish()
    if (!finished) return
    const { store, trust } = this.#means
    await store.commit(finished.change)
    for (const opened of finished.written) trust.learn(opened)
    hubOf(store).tell(work.happened)
  }
}

/** Whether somebody else was faster. */
function isRaced(error: unknown): boolean {
  return (
    error instanceof StoreError && (error.code === 'STORE_CONFLICT' || error.code === 'STORE_STALE')
  )
}
