/**
 * The store of a node: blocks and pieces in a folder, held by one process.
 *
 * Files: `store.db` (SQLite; with `-wal`), `sectors` (large pieces, see `data-file.ts`), `freshness`
 * (see there), `holder` (pid of who has it open).
 */
import { join } from 'node:path'
import type { BlockId } from '../block/id.ts'
import type { Principal } from '../crypto/principal.ts'
import { Blocks } from './blocks.ts'
import type { Accept, Change, Content, NoteKind, StoredBlock } from './change.ts'
import { check, type Checked, type CheckOptions } from './check.ts'
import { Collector, type Collected, type CollectOptions } from './collect.ts'
import { Commits } from './commits.ts'
import { DataFile } from './data-file.ts'
import { StoreError } from './error.ts'
import { flushFolder, makeFolder } from './folder.ts'
import { expectFresh, freshnessFile, type Freshness } from './freshness.ts'
import { hold } from './hold.ts'
import { Notes } from './notes.ts'
import { Pieces } from './pieces.ts'
import { Room } from './room.ts'
import { prepareTables } from './schema.ts'
import type { Database } from './sqlite.ts'
import { Stage } from './stage.ts'
import { State } from './state.ts'
import { whatIsWrong } from './wrong.ts'
import { Writer } from './writer.ts'

export type StoreOptions = {
  readonly accept: Accept
  /** Bytes that the store may take; no limit when missing. */
  readonly quota?: number
  /** Bytes of the disk that are left for changes that remove something; 8 MiB when missing. */
  readonly reserve?: number
  /** The witness of how far the store has come; a file in the folder when missing. */
  readonly freshness?: Freshness
  /** Takes a database that is older than its witness, or has none, for the newest from now on. */
  readonly acceptRollback?: boolean
}

export type StoreStatus = {
  /** Since the store was opened: transactions, and the changes that went into them. */
  readonly commits: { readonly groups: number; readonly changes: number }
  /** Since the store was made. */
  readonly transactions: number
  readonly pieces: number
  /** Of the quota. */
  readonly usedBytes: number
  readonly dataFileBytes: number
  /** Whether the witness of freshness could be told of the last transaction. */
  readonly witness: boolean
}

type Opened = {
  readonly path: string
  readonly db: Database
  readonly state: State
  readonly blocks: Blocks
  readonly notes: Notes
  readonly pieces: Pieces
  readonly writer: Writer
  readonly room: Room
  readonly commits: Commits
  readonly collector: Collector
  /** Contents that are kept whatever happens to their headers. */
  readonly pins: Set<{ readonly content: Content }>
  readonly stages: Set<{ readonly epoch: number }>
}

export class Store {
  readonly #parts: Opened
  readonly #committing = new Set<Promise<void>>()
  #closed = false

  private constructor(parts: Opened) {
    this.#parts = parts
  }

  /**
   * Opens the store in `folder`, which is made when it is not there, mode 0700.
   *
   * @throws {StoreError} `STORE_HELD`, `STORE_VERSION`, `STORE_ROLLED_BACK`, `STORE_DAMAGED`,
   *   `STORE_FULL`, `STORE_IO`.
   */
  static async open(folder: string, options: StoreOptions): Promise<Store> {
    makeFolder(folder)
    const path = join(folder, 'store.db')
    const db = await hold(folder)
    let freshness: Freshness | undefined
    let file: DataFile | undefined
    try {
      freshness = options.freshness ?? freshnessFile(join(folder, 'freshness'))
      prepareTables(db, path)
      const state = new State(db)
      const seen = freshness.read()
      if (state.totals.sequence > 0 && !options.acceptRollback) expectFresh(path, state.fresh, seen)
      const writer = new Writer(db, state, freshness)
      if (seen === undefined || options.acceptRollback) writer.beginAnew(seen)
      const notes = new Notes(db)
      const blocks = new Blocks(db, whatIsWrong(path))
      const { quota, reserve = 8 << 20, accept } = options
      const room = new Room(folder, db, state, { reserve, ...(quota !== undefined && { quota }) })
      file = new DataFile(join(folder, 'sectors'))
      const pieces = new Pieces(db, file, writer, room)
      const pins: Opened['pins'] = new Set()
      const stages: Opened['stages'] = new Set()
      const collector = new Collector({
        db,
        pieces,
        writer,
        pins: () => [...pins].map(({ content }) => content),
        staged: () => Math.min(...[...stages].map(({ epoch }) => epoch)),
      })
      const stored = (content: Content) => collector.stored(content)
      const commits = new Commits({ writer, pieces, blocks, notes, room, accept, stored })
      const own = { path, db, state, writer, room, commits, collector, pins, stages }
      // The names of new files have to be on the disk before what is in them counts.
      flushFolder(folder)
      return new Store({ ...own, blocks, notes, pieces })
    } catch (error) {
      await file?.close()
      freshness?.close()
      db.close()
      throw error
    }
  }

  /**
   * The current header of a block, as it was stored; undefined when there is none.
   *
   * @throws {StoreError} `STORE_DAMAGED`, `STORE_SWAPPED`, `STORE_FOREIGN`, `STORE_REPLAYED` when
   *   another header lies in its place; `STORE_CLOSED`, also of all that follow.
   */
  block(tree: Principal, id: BlockId): StoredBlock | undefined {
    return this.#open.blocks.current(tree, id)
  }

  /** Versions of a block that lost, in the order in which they came. Throws as `block`. */
  siblings(tree: Principal, id: BlockId): StoredBlock[] {
    return this.#open.blocks.siblings(tree, id)
  }

  /** The highest generation that was ever seen of a block, also of one that was removed. */
  highest(tree: Principal, id: BlockId): { generation: bigint; hash: Uint8Array } | undefined {
    const known = this.#open.blocks.known(tree, id)
    return known && { generation: known.generation, hash: known.hash }
  }

  /**
   * The bytes kept under a hash, which are not compared with it here: the reader knows how. Staged
   * pieces, and those of a commit under way, are there too.
   *
   * @throws {StoreError} `STORE_PIECE_MISSING`, `STORE_DAMAGED`, `STORE_IO`.
   */
  async piece(hash: Uint8Array): Promise<Uint8Array> {
    const [bytes] = await this.#open.pieces.read([hash])
    return bytes!
  }

  /** Several at once, in their order: neighbours are read together. Throws as `piece`. */
  async pieces(hashes: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return this.#open.pieces.read(hashes)
  }

  /** What `pieces` gave is not needed any more, by anybody: its memory may be used again. */
  recycle(pieces: readonly Uint8Array[]): void {
    if (!this.#closed) this.#parts.pieces.recycle(pieces)
  }

  has(hash: Uint8Array): boolean {
    return this.#open.pieces.has(hash)
  }

  /**
   * Does a change, durably, together with those that others commit at the same time; each is done
   * wholly or not at all.
   *
   * @throws {StoreError} `STORE_CONFLICT`, `STORE_STALE`, `STORE_FULL`, `STORE_IO`; and what `accept`
   *   throws.
   */
  async commit(change: Change): Promise<void> {
    const { pieces, commits } = this.#open
    const committing = pieces
      .place(change.pieces ?? [])
      .then(placed => commits.add(change, placed))
      .finally(() => this.#committing.delete(committing))
    this.#committing.add(committing)
    return committing
  }

  /** Begins to write pieces ahead of their change. */
  stage(): Stage {
    const { pieces, commits, state, stages } = this.#open
    const open = { epoch: state.totals.epoch }
    stages.add(open)
    return new Stage(pieces, commits, () => stages.delete(open))
  }

  /**
   * Keeps what a version consists of, also when it is replaced, until the function is called that is
   * given back. To be called in the same turn as `block`.
   */
  pin(content: Content): () => void {
    const { pins, collector } = this.#open
    const pin = { content }
    pins.add(pin)
    collector.stored(content)
    return () => void pins.delete(pin)
  }

  /**
   * Throws away pieces that nothing names. Stops at any time; what was done by then stays done.
   *
   * @throws {StoreError} `STORE_DAMAGED` when a version is not whole; the signal's reason.
   */
  collect(options: CollectOptions = {}): Promise<Collected> {
    return this.#open.collector.run(options)
  }

  /**
   * Looks at everything; what is wrong is reported, not thrown.
   *
   * @throws the signal's reason.
   */
  check(options: CheckOptions): Promise<Checked> {
    const { db, blocks, pieces, writer, path } = this.#open
    return check({ path, db, blocks, pieces, writer, pin: content => this.pin(content) }, options)
  }

  note(kind: NoteKind, key: string): Uint8Array | undefined {
    return this.#open.notes.get(kind, key)
  }

  /** All notes of a kind, by key. */
  notes(kind: NoteKind): { key: string; value: Uint8Array }[] {
    return this.#open.notes.all(kind)
  }

  get status(): StoreStatus {
    const { commits, room, state, pieces, writer } = this.#open
    const { sequence, pieces: count } = state.totals
    return {
      commits: { ...commits.counts },
      transactions: sequence,
      pieces: count,
      usedBytes: room.used,
      dataFileBytes: pieces.file.length,
      witness: writer.witnessFault === undefined,
    }
  }

  /** Ends what is under way and lets go of the folder. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const { commits, collector, pieces, writer, db } = this.#parts
    await Promise.allSettled(this.#committing)
    await commits.idle()
    await collector.close()
    await pieces.file.close()
    db.close()
    writer.close()
  }

  get #open(): Opened {
    if (!this.#closed) return this.#parts
    throw new StoreError('STORE_CLOSED', 'the store was closed: open it again')
  }
}
