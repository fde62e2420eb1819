/**
 * Walks all of a store and says what is not as it was written: the database itself, headers, what they
 * consist of down to each sector's hash, places in the data file, totals. Works beside everything else;
 * what it compares over the whole store it judges only if nothing was written meanwhile.
 */
import type { Blocks } from './blocks.ts'
import { checkContent } from './check-content.ts'
import { checkHeaders, type CheckedVersion } from './check-headers.ts'
import { checkTotals } from './check-totals.ts'
import type { Content } from './change.ts'
import type { StoreCode } from './error.ts'
import type { Pieces } from './pieces.ts'
import type { Database } from './sqlite.ts'
import { Turns, yieldTurn, type Turn } from './turns.ts'
import type { Writer } from './writer.ts'

export type Finding = {
  readonly code: StoreCode
  readonly message: string
  /** Whether `repair` put it right, or made it something that can be fetched again. */
  readonly repaired: boolean
}

export type CheckOptions = {
  readonly report: (finding: Finding) => void
  /** Called with each version whose header is right, before its content is looked at. */
  readonly version?: (version: CheckedVersion) => void | Promise<void>
  /** Headers that were looked at so far. */
  readonly progress?: (versions: number) => void
  /** Removes damaged pieces and rows that belong to nothing, and corrects totals. */
  readonly repair?: boolean
  readonly signal?: AbortSignal
  readonly turn?: Turn
}

export type Checked = { versions: number; pieces: number; findings: number }

export type CheckParts = {
  readonly path: string
  readonly db: Database
  readonly blocks: Blocks
  readonly pieces: Pieces
  readonly writer: Writer
  readonly pin: (content: Content) => () => void
}

const TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"

/** What the parts of a check say; `mend` is done when repairing is asked for. */
export type Found = (code: StoreCode, message: string, mend?: () => void) => void

export async function check(parts: CheckParts, options: CheckOptions): Promise<Checked> {
  const { report, version, progress, repair = false, signal, turn = yieldTurn } = options
  const turns = new Turns(turn, signal)
  const checked: Checked = { versions: 0, pieces: 0, findings: 0 }
  const found: Found = (code, message, mend) => {
    checked.findings++
    if (repair) mend?.()
    report({ code, message, repaired: repair && mend !== undefined })
  }
  await turns.next()
  for (const [table] of parts.db.prepare(TABLES).all()) {
    for (const [line] of parts.db.prepare(`PRAGMA integrity_check(${table})`).all())
      if (line !== 'ok') found('STORE_DAMAGED', `${parts.path}: ${line}`)
    await turns.next()
  }
  await checkHeaders(parts, turns, found, async one => {
    checked.versions++
    progress?.(checked.versions)
    await version?.(one)
    const unpin = parts.pin(one.stored.content)
    try {
      checked.pieces += await checkContent(parts, one, turns, found)
    } finally {
      unpin()
    }
  })
  await checkTotals(parts, turns, found)
  return checked
}
