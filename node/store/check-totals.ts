/** Compares the totals with the tables: what was seen of blocks, how many pieces, where they lie. */
import { blockIdFrom } from '../block/id.ts'
import type { Principal } from '../crypto/principal.ts'
import type { CheckParts, Found } from './check.ts'
import { rounded } from './data-file.ts'
import { digestWith } from './state.ts'
import type { Turns } from './turns.ts'

const ROWS = 2048
/** How often it is tried to get through without anything being written meanwhile. */
const TRIES = 3

export async function checkTotals(parts: CheckParts, turns: Turns, found: Found): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    const { sequence } = parts.writer.state.totals
    const sums = await count(parts, turns)
    if (parts.writer.state.totals.sequence === sequence) return judge(parts, sums, found)
  }
}

type Sums = { digest: bigint; pieces: number; extents: number; small: number; overlaps: number[] }

async function count({ db }: CheckParts, turns: Turns): Promise<Sums> {
  const sums: Sums = { digest: 0n, pieces: 0, extents: 0, small: 0, overlaps: [] }
  const known = db.prepare(
    `SELECT t.name, k.id, k.generation, k.hash FROM known k JOIN tree t ON t.no = k.tree
      WHERE (k.tree, k.id) > ((SELECT no FROM tree WHERE name = ?), ?) OR ? = ''
      ORDER BY k.tree, k.id LIMIT ${ROWS}`,
    { big: true },
  )
  let [name, id] = ['' as Principal, new Uint8Array(0)]
  for (let rows = ROWS; rows === ROWS;) {
    const chunk = known.all(name, id, name) as unknown as [
      Principal,
      Uint8Array<ArrayBuffer>,
      bigint,
      Uint8Array,
    ][]
    for (const [tree, blockId, generation, hash] of chunk) {
      ;[name, id] = [tree, blockId]
      sums.digest = digestWith(sums.digest, 1, { tree, id: blockIdFrom(id), generation, hash })
    }
    rows = chunk.length
    await turns.next()
  }
  const extents = db.prepare(
    `SELECT place, length FROM piece WHERE place >= ? ORDER BY place LIMIT ${ROWS}`,
  )
  let end = 0
  for (let [rows, from] = [ROWS, 0]; rows === ROWS;) {
    const chunk = extents.all(from) as unknown as [number, number][]
    for (const [at, length] of chunk) {
      if (at < end) sums.overlaps.push(at)
      end = Math.max(end, at + rounded(length))
      sums.extents += rounded(length)
      from = at + 1
    }
    sums.pieces += chunk.length
    rows = chunk.length
    await turns.next()
  }
  sums.pieces += Number(db.prepare('SELECT count(*) FROM piece WHERE place < 0').get()![0])
  sums.small = Number(db.prepare('SELECT count(*) FROM small').get()![0])
  return sums
}

function judge({ path, db, writer, pieces }: CheckParts, sums: Sums, found: Found): void {
  const { totals } = writer.state
  const { digest, extents } = sums
  if (digest !== totals.digest)
    found(
      'STORE_REPLAYED',
      `${path}: what was seen of the blocks is not what the last transaction left: rows were put back, or removed`,
      () => writer.write(() => [undefined, { digest }]),
    )
  if (sums.pieces !== totals.pieces || extents !== totals.extents)
    found(
      'STORE_DAMAGED',
      `${path}: there are ${sums.pieces} pieces and ${extents} bytes of large ones, ` +
        `${totals.pieces} and ${totals.extents} were counted: rows were removed or put in`,
      () => writer.write(() => [undefined, { pieces: sums.pieces, extents }]),
    )
  const inline = db.prepare('SELECT count(*) FROM piece WHERE place < 0').get()![0]
  if (sums.small !== inline)
    found('STORE_DAMAGED', `${path}: ${inline} small pieces are named, ${sums.small} are there`)
  for (const at of sums.overlaps)
    found('STORE_DAMAGED', `${path}: two pieces lie at ${at} in the data file`)
  const { length } = pieces.file
  if (length < pieces.space.end)
    found('STORE_DAMAGED', `the data file ends at ${length}, expected ${pieces.space.end}`)
}
