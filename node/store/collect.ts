/**
 * Collection of garbage: pieces that no header names any more. No counts are kept of who uses what; all
 * that is in use is marked, then what was not marked and is older than the marking is deleted, some
 * thousand rows in a transaction. It can be stopped, or killed, between any two steps.
 */
import { type Random, systemRandom } from '../crypto/random.ts'
import type { Content } from './change.ts'
import { StoreError } from './error.ts'
import { Filter } from './filter.ts'
import { Mark } from './mark.ts'
import type { Pieces } from './pieces.ts'
import { rounded } from './data-file.ts'
import type { Database } from './sqlite.ts'
import { Turns, yieldTurn, type Turn } from './turns.ts'
import type { Writer } from './writer.ts'

export type CollectOptions = {
  readonly signal?: AbortSignal
  /** Salts the filter. */
  readonly random?: Random
  /** Called between steps. */
  readonly turn?: Turn
  /** Pieces in a step. */
  readonly step?: number
}

export type Collected = {
  readonly pieces: number
  /** Of pieces. */
  readonly bytes: number
}

/** Rows that are read at once, and that one transaction deletes at most. */
const ROWS = 2048

export type CollectParts = {
  readonly db: Database
  readonly pieces: Pieces
  readonly writer: Writer
  /** Contents to be kept beside those of headers. */
  readonly pins: () => readonly Content[]
  /** The epoch in which the oldest open stage began; Infinity when there is none. */
  readonly staged: () => number
}

export class Collector {
  readonly #parts: CollectParts
  #mark: Mark | undefined
  readonly #closing = new AbortController()
  #running: Promise<Collected> | undefined

  constructor(parts: CollectParts) {
    this.#parts = parts
  }

  /** To be told of each header that is stored, and of each pin. */
  stored(content: Content): void {
    this.#mark?.also(content)
  }

  /** Stops a collection that runs, for good. */
  async close(): Promise<void> {
    this.#closing.abort(new StoreError('STORE_CLOSED', 'the store was closed meanwhile'))
    await this.#running?.catch(() => {})
  }

  /** One at a time: a second caller gets the result of the first. Throws as `Store.collect`. */
  run(options: CollectOptions): Promise<Collected> {
    this.#running ??= this.#collect(options).finally(() => {
      this.#running = undefined
      this.#mark = undefined
    })
    return this.#running
  }

  async #collect({ signal, random = systemRandom, turn = yieldTurn, step }: CollectOptions) {
    const { db, pieces, writer, pins } = this.#parts
    const either = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])])
    const turns = new Turns(turn, either, step)
    either.throwIfAborted()
    const epoch = writer.write(totals => [totals.epoch + 1, { epoch: totals.epoch + 1 }])
    const filter = new Filter(writer.state.totals.pieces, random)
    const mark = (this.#mark = new Mark(db, pieces, turns, filter))
    await mark.run(pins())
    // From here on whatever a new header names was marked, or is younger than the marking.
    this.#mark = undefined
    while (!pieces.space.complete) {
      pieces.space.look()
      await turns.next()
    }
    const collected = await this.#sweep(mark, epoch, turns)
    await this.#sweepAcceptances(mark, turns)
    return collected
  }

  async #sweep(mark: Mark, epoch: number, turns: Turns): Promise<Collected> {
    const { db, pieces, writer, staged } = this.#parts
    const rows = db.prepare(
      `SELECT hash, born, place, length FROM piece WHERE hash > ? ORDER BY hash LIMIT ${ROWS}`,
    )
    const deletePiece = db.prepare('DELETE FROM piece WHERE hash = ?')
    const deleteSmall = db.prepare('DELETE FROM small WHERE no = ?')
    const sum = { pieces: 0, bytes: 0 }
    for (let last: Uint8Array = new Uint8Array(0); ;) {
      const chunk = rows.all(last) as unknown as [Uint8Array, number, number, number][]
      const before = Math.min(epoch, staged())
      const garbage = chunk.filter(([hash, born]) => born < before && !mark.hasPiece(hash))
      if (garbage.length > 0) {
        writer.write(({ pieces, extents }) => {
          for (const [hash, , place, length] of garbage) {
            deletePiece.run(hash)
            if (place < 0) deleteSmall.run(-place)
            else extents -= rounded(length)
          }
          return [undefined, { pieces: pieces - garbage.length, extents }]
        })
        await pieces.free(garbage.map(([, , at, length]) => ({ at, length })))
        sum.pieces += garbage.length
        for (const [, , , length] of garbage) sum.bytes += length
      }
      if (chunk.length < ROWS) return sum
      last = chunk.at(-1)![0]
      await turns.next()
    }
  }

  async #sweepAcceptances(mark: Mark, turns: Turns): Promise<void> {
    const { db, writer } = this.#parts
    const rows = db.prepare(
      `SELECT no FROM acceptance WHERE no > ? AND no <= ? ORDER BY no LIMIT ${ROWS}`,
    )
    const remove = db.prepare('DELETE FROM acceptance WHERE no = ?')
    for (let last = 0; ;) {
      const chunk = rows.all(last, mark.lastAcceptance).map(([no]) => no as number)
      const garbage = chunk.filter(no => !mark.hasAcceptance(no))
      if (garbage.length > 0)
        writer.write(() => {
          for (const no of garbage) remove.run(no)
          return [undefined, {}]
        })
      if (chunk.length < ROWS) return
      last = chunk.at(-1)!
      await turns.next()
    }
  }
}
