/** Looks at every page and sector of a version: each must be what its hash says. */
import { isHole, leafHash } from '../block/merkle-hash.ts'
import { walkPieces } from '../block/merkle-walk.ts'
import { equal } from '../crypto/bytes.ts'
import type { CheckParts, Found } from './check.ts'
import type { CheckedVersion } from './check-headers.ts'
import { StoreError } from './error.ts'
import type { Turns } from './turns.ts'

type Sector = { readonly hash: Uint8Array; readonly index: number }

/** Sectors that are read at once. */
const BATCH = 16

/** @returns how many pieces there are. */
export async function checkContent(
  { pieces }: Pick<CheckParts, 'pieces'>,
  { tree, id, stored }: CheckedVersion,
  turns: Turns,
  found: Found,
): Promise<number> {
  const { root, count } = stored.content
  const where = `block ${id} of ${tree}, generation ${stored.generation}`
  let seen = 0
  let batch: Sector[] = []
  const wrong = (error: unknown, what: string, hash: Uint8Array) => {
    if (!(error instanceof StoreError)) throw error
    const mend = error.code === 'STORE_DAMAGED' ? () => pieces.discard([hash]) : undefined
    found(error.code, `${where}, ${what}: ${error.message}`, mend)
  }
  const one = async ({ hash, index }: Sector) => {
    const what = `sector ${index}`
    try {
      expectSector(hash, index, (await pieces.read([hash]))[0]!)
    } catch (error) {
      wrong(error, what, hash)
    }
  }
  const flush = async () => {
    const sectors = batch
    batch = []
    try {
      const read = await pieces.read(sectors.map(({ hash }) => hash))
      for (const [i, { hash, index }] of sectors.entries()) expectSector(hash, index, read[i]!)
    } catch {
      for (const sector of sectors) await one(sector)
    }
    await turns.next()
  }
  const load = async (hash: Uint8Array) => (await pieces.read([hash]))[0]!
  let page: Uint8Array = root
  try {
    await walkPieces({ root, count, load }, async (hash, what, index) => {
      seen++
      if (what === 'page') page = hash.slice()
      else if (!isHole(hash)) batch.push({ hash: hash.slice(), index })
      if (batch.length >= BATCH) await flush()
    })
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    const damaged = code === 'BLOCK_MERKLE' ? new StoreError('STORE_DAMAGED', message) : error
    wrong(damaged, 'a page of its Merkle tree, and what lies below it', page)
  }
  await flush()
  return seen
}

function expectSector(hash: Uint8Array, index: number, bytes: Uint8Array): void {
  if (equal(leafHash(index, bytes), hash)) return
  throw new StoreError(
    'STORE_DAMAGED',
    `its ${bytes.length} bytes are not those that ${Buffer.from(hash).toString('hex')} names: ` +
      'fetch it from another node',
  )
}
