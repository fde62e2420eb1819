/**
 * Puts right the rows of a block that fsck found wrong. A header that lies in another row is linked
 * again; an older one of the same block is kept beside, as a version that lost; what is nothing is let
 * go, so that the tree can say what it was.
 */
import { openHeader, type OpenHeader } from '../block/header.ts'
import { rootBlockId, type BlockId } from '../block/id.ts'
import { digestOf } from '../block/hash-schema.ts'
import { equal } from '../crypto/bytes.ts'
import type { Principal } from '../crypto/principal.ts'
import { headerHash } from './blocks.ts'
import type { CheckParts } from './check.ts'

type Parts = Pick<CheckParts, 'db' | 'writer'>
type KnownRow = readonly [tree: number, no: number | null, hash: Uint8Array]

const KNOWN = `SELECT k.tree, k.no, k.hash FROM known k JOIN tree t ON t.no = k.tree
  WHERE t.name = ? AND k.id = ?`
/** Rows with a header that names the block: its own, and those below it. */
const NAMING = 'SELECT no, header FROM block WHERE instr(header, ?) > 0'
const LOST_ACCEPTANCE = `UPDATE block SET acceptance = x'' WHERE no = ?
  AND typeof(acceptance) = 'integer' AND acceptance NOT IN (SELECT no FROM acceptance)`
const BESIDE = `INSERT OR IGNORE INTO sibling
    (tree, id, generation, hash, root, count, acceptance, header)
  SELECT ?, ?, ?, ?, ?, ?, acceptance, header FROM block WHERE no = ?`

/**
 * How the current header of a block is mended; undefined when it can't be: without its root block a
 * tree is nothing, so that one is never let go.
 */
export function mendHeader(parts: Parts, tree: Principal, id: BlockId): (() => void) | undefined {
  const { db, writer } = parts
  const bytes = Buffer.from(id, 'hex')
  const find = () => {
    const known = db.prepare(KNOWN).get(tree, bytes) as unknown as KnownRow | undefined
    return { known, right: known && rowOf(parts, bytes, known[2]) }
  }
  if (id === rootBlockId(tree) && find().right === undefined) return undefined
  return () =>
    writer.write(() => {
      const { known, right } = find()
      if (known && right) link(parts, known, bytes, right)
      else if (known) letGo(parts, known, tree, id)
      return [undefined, {}]
    })
}

/** Drops versions beside a block that are not what they should be. */
export function mendSiblings({ db, writer }: Parts, tree: Principal, id: BlockId): void {
  writer.write(() => {
    const rows = db
      .prepare(
        `SELECT s.no, s.hash, s.header FROM sibling s JOIN tree t ON t.no = s.tree
          WHERE t.name = ? AND s.id = ?`,
      )
      .all(tree, Buffer.from(id, 'hex')) as unknown as [number, Uint8Array, Uint8Array][]
    for (const [no, hash, header] of rows) {
      const opened = opens(header)
      if (opened && equal(opened.hash, hash) && isOf(opened, tree, id)) continue
      db.prepare('DELETE FROM sibling WHERE no = ?').run(no)
    }
    db.prepare(
      `UPDATE sibling SET acceptance = x'' WHERE typeof(acceptance) = 'integer'
        AND acceptance NOT IN (SELECT no FROM acceptance)`,
    ).run()
    return [undefined, {}]
  })
}

type Row = { readonly no: number; readonly opened: OpenHeader }

function rowOf({ db }: Parts, id: Uint8Array, hash: Uint8Array): Row | undefined {
  const rows = db.prepare(NAMING).all(id) as unknown as [number, Uint8Array][]
  for (const [no, header] of rows) {
    const opened = equal(headerHash(header), hash) ? opens(header) : undefined
    if (opened) return { no, opened }
  }
  return undefined
}

function link({ db }: Parts, [tree]: KnownRow, id: Uint8Array, { no, opened }: Row): void {
  const { merkleRoot, sectors } = opened.header
  db.prepare('UPDATE known SET no = ? WHERE tree = ? AND id = ?').run(no, tree, id)
  db.prepare('UPDATE block SET root = ?, count = ? WHERE no = ?').run(
    digestOf(merkleRoot),
    sectors,
    no,
  )
  db.prepare(LOST_ACCEPTANCE).run(no)
}

function letGo({ db }: Parts, [treeNo, no]: KnownRow, tree: Principal, id: BlockId): void {
  const bytes = Buffer.from(id, 'hex')
  const row = no === null ? undefined : db.prepare('SELECT header FROM block WHERE no = ?').get(no)
  const other = row && opens(row[0] as Uint8Array)
  if (other && isOf(other, tree, id)) {
    const { generation, merkleRoot, sectors } = other.header
    const content = [digestOf(merkleRoot), sectors] as const
    db.prepare(BESIDE).run(treeNo, bytes, generation, other.hash, ...content, no)
  }
  // Its row belongs to no block now, and is dropped as others of that kind.
  db.prepare('UPDATE known SET no = NULL WHERE tree = ? AND id = ?').run(treeNo, bytes)
}

function isOf({ header }: OpenHeader, tree: Principal, id: BlockId): boolean {
  return header.tree === tree && header.id === id
}

/** The header, when it is a whole one with its writer's signature. */
function opens(bytes: Uint8Array): OpenHeader | undefined {
  try {
    return openHeader(bytes)
  } catch {
    return undefined
  }
}
