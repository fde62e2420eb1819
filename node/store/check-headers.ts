/** Looks at every header, current ones and siblings, and at rows that belong to none. */
import { blockIdFrom, type BlockId } from '../block/id.ts'
import { openHeader, type OpenHeader } from '../block/header.ts'
import { digestOf } from '../block/hash-schema.ts'
import { equal } from '../crypto/bytes.ts'
import type { Principal } from '../crypto/principal.ts'
import type { CheckParts, Found } from './check.ts'
import type { StoredBlock } from './change.ts'
import { StoreError } from './error.ts'
import { mendHeader, mendSiblings } from './mend-header.ts'
import type { Turns } from './turns.ts'

export type CheckedVersion = {
  readonly tree: Principal
  readonly id: BlockId
  readonly stored: StoredBlock
  /** With a signature that is right; what it is worth, the rooms above know. */
  readonly open: OpenHeader
  readonly sibling: boolean
}

const ROWS = 256

export async function checkHeaders(
  parts: CheckParts,
  turns: Turns,
  found: Found,
  each: (version: CheckedVersion) => Promise<void>,
): Promise<void> {
  const { path, db, blocks } = parts
  const trees = new Map(
    db
      .prepare('SELECT no, name FROM tree')
      .all()
      .map(([no, name]) => [no, name as Principal]),
  )
  const check = async (
    tree: Principal,
    id: BlockId,
    sibling: boolean,
    get: () => StoredBlock[],
  ) => {
    try {
      for (const stored of get()) {
        const open = expectHeader(path, tree, id, stored)
        await each({ tree, id, stored, open, sibling })
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      const mend = sibling ? () => mendSiblings(parts, tree, id) : mendHeader(parts, tree, id)
      found(error.code, error.message, mend)
    }
  }
  const walk = async (table: string, visit: (tree: Principal, id: BlockId) => Promise<void>) => {
    const rows = db.prepare(
      `SELECT DISTINCT tree, id FROM ${table} WHERE (tree, id) > (?, ?) ORDER BY tree, id LIMIT ${ROWS}`,
    )
    let [tree, id] = [-1, new Uint8Array(0)] as [number, Uint8Array]
    for (;;) {
      const chunk = rows.all(tree, id) as unknown as [number, Uint8Array][]
      for ([tree, id] of chunk) {
        const name = trees.get(tree)
        if (name !== undefined && id.length === 16) await visit(name, blockIdFrom(id))
        else found('STORE_FOREIGN', `${path}: table ${table} has a row of a tree that is not known`)
      }
      if (chunk.length < ROWS) return
      await turns.next()
    }
  }
  await walk('known', (tree, id) =>
    check(tree, id, false, () => [blocks.current(tree, id)].filter(block => block !== undefined)),
  )
  await walk('sibling', (tree, id) => check(tree, id, true, () => blocks.siblings(tree, id)))
  for (const no of blocks.strays())
    found(
      'STORE_FOREIGN',
      `${path}: header ${no} belongs to no block that was stored here: it was put there by others`,
      () => blocks.dropStray(no),
    )
}

function expectHeader(path: string, tree: Principal, id: BlockId, stored: StoredBlock): OpenHeader {
  const where = `${path}: block ${id} of ${tree}, generation ${stored.generation}`
  let open: OpenHeader
  try {
    open = openHeader(stored.header)
  } catch (error) {
    throw new StoreError('STORE_DAMAGED', `${where}: ${(error as Error).message}`, { cause: error })
  }
  const { header } = open
  if (header.tree !== tree)
    throw new StoreError('STORE_FOREIGN', `${where}: its header is of the tree ${header.tree}`)
  if (header.id !== id)
    throw new StoreError('STORE_SWAPPED', `${where}: its header is that of block ${header.id}`)
  if (header.generation !== stored.generation)
    throw new StoreError('STORE_REPLAYED', `${where}: its header is of ${header.generation}`)
  const { root, count } = stored.content
  if (header.sectors !== count || !equal(digestOf(header.merkleRoot), root))
    throw new StoreError('STORE_DAMAGED', `${where}: its row names other sectors than its header`)
  return open
}
