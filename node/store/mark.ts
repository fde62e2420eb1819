/**
 * Marks what is in use: pieces of all current headers, siblings and pins, and the acceptances. Headers
 * that are stored while this goes on are marked as well (`also`), so nothing that any of them names is
 * missed, whatever was moved from where to where.
 */
import { walkPieces } from '../block/merkle-walk.ts'
import { mapKey } from '../block/recent.ts'
import type { AcceptanceOf } from './blocks.ts'
import type { Content } from './change.ts'
import { StoreError } from './error.ts'
import type { Filter } from './filter.ts'
import type { Pieces } from './pieces.ts'
import type { Database } from './sqlite.ts'
import type { Turns } from './turns.ts'

/** Rows that are read at once. */
const ROWS = 256
/** Pages of headers that came meanwhile, told apart exactly; when there are more it starts anew. */
const PAGES = 50_000

export class Mark {
  readonly #db: Database
  readonly #pieces: Pieces
  readonly #turns: Turns
  readonly #filter: Filter
  readonly #acceptances: Uint8Array
  /** The last acceptance there was when marking began. */
  readonly lastAcceptance: number
  #late: Content[] = []

  constructor(db: Database, pieces: Pieces, turns: Turns, filter: Filter) {
    this.#db = db
    this.#pieces = pieces
    this.#turns = turns
    this.#filter = filter
    const last = db.prepare('SELECT max(no) FROM acceptance').get()![0]
    this.lastAcceptance = Number(last ?? 0)
    this.#acceptances = new Uint8Array((this.lastAcceptance >> 3) + 1)
  }

  /** A header's content that was stored meanwhile. */
  also(content: Content): void {
    if (content.count > 0) this.#late.push(content)
  }

  hasPiece(hash: Uint8Array): boolean {
    return this.#filter.has(hash)
  }

  hasAcceptance(no: number): boolean {
    if (no > this.lastAcceptance) return true
    return (this.#acceptances[no >> 3]! & (1 << (no & 7))) !== 0
  }

  /** @throws {StoreError} `STORE_DAMAGED` a page of a version is missing or damaged. */
  async run(pins: readonly Content[]): Promise<void> {
    for (const content of pins) await this.#walk(content)
    for (const table of ['block', 'sibling']) await this.#table(table)
    const pages = new Set<string>()
    this.#turns.hurry()
    for (let content; (content = this.#late.pop()) !== undefined;) {
      if (pages.size > PAGES) pages.clear()
      await this.#walk(content, pages)
    }
  }

  async #table(table: string): Promise<void> {
    const rows = this.#db.prepare(
      `SELECT no, root, count, acceptance FROM ${table} WHERE no > ? ORDER BY no LIMIT ${ROWS}`,
    )
    for (let last = 0; ;) {
      const chunk = rows.all(last) as unknown as [number, Uint8Array, number, AcceptanceOf][]
      for (const [no, root, count, acceptance] of chunk) {
        if (typeof acceptance === 'number' && acceptance <= this.lastAcceptance)
          this.#acceptances[acceptance >> 3]! |= 1 << (acceptance & 7)
        if (count > 0) await this.#walk({ root, count })
        last = no
      }
      if (chunk.length < ROWS) return
      await this.#turns.next()
    }
  }

  async #walk({ root, count }: Content, pages?: Set<string>): Promise<void> {
    const load = async (hash: Uint8Array) => (await this.#pieces.read([hash]))[0]!
    try {
      await walkPieces({ root, count, load }, (hash, what) => {
        if (what === 'page' && pages) {
          const key = mapKey(hash)
          if (pages.has(key)) return false
          pages.add(key)
        }
        this.#filter.add(hash)
        return this.#turns.count()
      })
    } catch (error) {
      const { code, message } = error as Error & { code?: string }
      if (code !== 'BLOCK_MERKLE' && code !== 'STORE_PIECE_MISSING') throw error
      throw new StoreError(
        'STORE_DAMAGED',
        `what is in use can't be told: ${message}; nothing is thrown away until it is whole again, or removed`,
        { cause: error },
      )
    }
  }
}
