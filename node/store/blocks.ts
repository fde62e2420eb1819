/**
 * Headers: the current one of each block, siblings, and what was seen of every block. `known` has a row
 * for each block that was ever here: highest generation, its hash, and where its header is.
 */
import { hash as hashOnce } from 'node:crypto'
import type { BlockId } from '../block/id.ts'
import { equal } from '../crypto/bytes.ts'
import { MULTIHASH_BYTES } from '../crypto/hash.ts'
import type { Principal } from '../crypto/principal.ts'
import type { StoredBlock, Version } from './change.ts'
import type { Database, Row, Statement } from './sqlite.ts'

/** What is known of a block. */
export type Known = {
  readonly generation: bigint
  readonly hash: Uint8Array
  /** Of the row with its header; undefined when the block was removed. */
  readonly no: number | undefined
}

/** An acceptance where it is kept: its number, or its bytes beside the only header that it names. */
export type AcceptanceOf = number | Uint8Array

/** Tells what is wrong with a header that is not the one known; made by `Blocks`' owner. */
export type Wrong = (
  tree: Principal,
  id: BlockId,
  known: Known,
  header: Uint8Array | undefined,
) => Error

/** 34 bytes; as `multihash`, by the fastest way that Node has. */
export function headerHash(header: Uint8Array): Uint8Array {
  const result = Buffer.allocUnsafeSlow(MULTIHASH_BYTES)
  result[0] = 0x12
  result[1] = 0x20
  result.write(hashOnce('sha256', header, 'binary'), 2, 'latin1')
  return result
}

export class Blocks {
  readonly #db: Database
  readonly #wrong: Wrong
  readonly #trees = new Map<Principal, number>()
  readonly #statements: Record<
    'tree' | 'addTree' | 'known' | 'block' | 'siblings' | 'hasSibling' | 'addAcceptance',
    Statement
  > &
    Record<'insert' | 'update' | 'delete' | 'learn' | 'relearn' | 'forget', Statement> &
    Record<'addSibling' | 'removeSibling', Statement>
  #blockNo: number
  #acceptanceNo: number

  constructor(db: Database, wrong: Wrong) {
    this.#db = db
    this.#wrong = wrong
    const next = (table: string) =>
      Number(db.prepare(`SELECT max(no) FROM ${table}`).get()![0] ?? 0) + 1
    this.#blockNo = next('block')
    this.#acceptanceNo = next('acceptance')
    const big = { big: true }
    this.#statements = {
      tree: db.prepare('SELECT no FROM tree WHERE name = ?'),
      addTree: db.prepare('INSERT INTO tree (name) VALUES (?)'),
      known: db.prepare('SELECT generation, hash, no FROM known WHERE tree = ? AND id = ?', big),
      block: db.prepare(
        `SELECT b.header, b.root, b.count, iif(typeof(b.acceptance) = 'blob', b.acceptance, a.bytes)
          FROM block b LEFT JOIN acceptance a ON a.no = b.acceptance WHERE b.no = ?`,
      ),
      siblings: db.prepare(
        `SELECT s.generation, s.hash, s.header, s.root, s.count,
            iif(typeof(s.acceptance) = 'blob', s.acceptance, a.bytes)
          FROM sibling s LEFT JOIN acceptance a ON a.no = s.acceptance
          WHERE s.tree = ? AND s.id = ? ORDER BY s.no`,
        big,
      ),
      hasSibling: db.prepare('SELECT 1 FROM sibling WHERE tree = ? AND id = ? AND hash = ?'),
      addAcceptance: db.prepare('INSERT INTO acceptance VALUES (?, ?)'),
      insert: db.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?)'),
      update: db.prepare(
        'UPDATE block SET root = ?, count = ?, acceptance = ?, header = ? WHERE no = ?',
      ),
      delete: db.prepare('DELETE FROM block WHERE no = ?'),
      learn: db.prepare('INSERT INTO known VALUES (?, ?, ?, ?, ?)'),
      relearn: db.prepare(
        'UPDATE known SET no = ?, generation = ?, hash = ? WHERE tree = ? AND id = ?',
      ),
      forget: db.prepare('UPDATE known SET no = NULL WHERE tree = ? AND id = ?'),
      addSibling: db.prepare(
        `INSERT OR IGNORE INTO sibling (tree, id, generation, hash, root, count, acceptance, header)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      removeSibling: db.prepare('DELETE FROM sibling WHERE tree = ? AND id = ? AND hash = ?'),
    }
  }

  known(tree: Principal, id: BlockId): Known | undefined {
    const no = this.#tree(tree)
    if (no === undefined) return undefined
    const row = this.#statements.known.get(no, idBytes(id))
    if (row === undefined) return undefined
    const [generation, hash, header] = row as [bigint, Uint8Array, bigint | null]
    return { generation, hash, no: header === null ? undefined : Number(header) }
  }

  /** @throws what {@link Wrong} makes, when the header is not the one known. */
  current(tree: Principal, id: BlockId): StoredBlock | undefined {
    const known = this.known(tree, id)
    if (known?.no === undefined) return undefined
    const row = this.#statements.block.get(known.no)
    const [header, root, count, acceptance] = (row ?? []) as [Uint8Array, Uint8Array, number, Row]
    if (row === undefined || acceptance === null || !equal(headerHash(header), known.hash))
      throw this.#wrong(tree, id, known, row === undefined ? undefined : header)
    const { generation, hash } = known
    const content = { root, count }
    return { header, hash, generation, content, acceptance: acceptance as unknown as Uint8Array }
  }

  siblings(tree: Principal, id: BlockId): StoredBlock[] {
    const no = this.#tree(tree)
    if (no === undefined) return []
    return this.#statements.siblings.all(no, idBytes(id)).map(row => {
      const [generation, hash, header, root, count, acceptance] = row as [
        bigint,
        ...Uint8Array[],
      ] as unknown as [bigint, Uint8Array, Uint8Array, Uint8Array, bigint, Uint8Array | null]
      const known = { generation, hash, no: undefined }
      if (acceptance === null || !equal(headerHash(header), hash))
        throw this.#wrong(tree, id, known, header)
      return { header, hash, generation, content: { root, count: Number(count) }, acceptance }
    })
  }

  hasSibling(tree: Principal, id: BlockId, hash: Uint8Array): boolean {
    const no = this.#tree(tree)
    return no !== undefined && this.#statements.hasSibling.get(no, idBytes(id), hash) !== undefined
  }

  /** Numbers of rows with headers that no known block has. */
  strays(): number[] {
    const rows = this.#db.prepare(
      'SELECT no FROM block EXCEPT SELECT no FROM known WHERE no IS NOT NULL',
    )
    return rows.all().map(([no]) => no as number)
  }

  dropStray(no: number): void {
    this.#db.transaction(() => this.#statements.delete.run(no))
  }

  // What follows is called inside a transaction.

  /** @returns its number. */
  addAcceptance(bytes: Uint8Array): number {
    this.#statements.addAcceptance.run(this.#acceptanceNo, bytes)
    return this.#acceptanceNo++
  }

  /** @param before  what is known of the block so far. */
  put(
    version: Version,
    hash: Uint8Array,
    acceptance: AcceptanceOf,
    before: Known | undefined,
  ): void {
    const { tree, id, generation, content, header } = version
    const [no, bytes] = [this.#treeOrNew(tree), idBytes(id)]
    const at = before?.no ?? this.#blockNo++
    if (before?.no === undefined)
      this.#statements.insert.run(at, content.root, content.count, acceptance, header)
    else this.#statements.update.run(content.root, content.count, acceptance, header, at)
    if (before === undefined) this.#statements.learn.run(no, bytes, at, generation, hash)
    else this.#statements.relearn.run(at, generation, hash, no, bytes)
  }

  remove(tree: Principal, id: BlockId, before: Known): void {
    this.#statements.forget.run(this.#treeOrNew(tree), idBytes(id))
    if (before.no !== undefined) this.#statements.delete.run(before.no)
  }

  addSibling(version: Version, hash: Uint8Array, acceptance: AcceptanceOf): void {
    const { tree, id, generation, content, header } = version
    const key = [this.#treeOrNew(tree), idBytes(id), generation, hash] as const
    this.#statements.addSibling.run(...key, content.root, content.count, acceptance, header)
  }

  removeSibling(tree: Principal, id: BlockId, hash: Uint8Array): void {
    this.#statements.removeSibling.run(this.#treeOrNew(tree), idBytes(id), hash)
  }

  /** After a transaction that failed: numbers of trees that it made are void. */
  rolledBack(): void {
    this.#trees.clear()
  }

  #tree(tree: Principal): number | undefined {
    let no = this.#trees.get(tree)
    if (no === undefined) {
      no = this.#statements.tree.get(tree)?.[0] as number | undefined
      if (no !== undefined) this.#trees.set(tree, no)
    }
    return no
  }

  #treeOrNew(tree: Principal): number {
    const no = this.#tree(tree)
    if (no !== undefined) return no
    this.#statements.addTree.run(tree)
    return this.#tree(tree)!
  }
}

function idBytes(id: BlockId): Uint8Array {
  return Buffer.from(id, 'hex')
}
