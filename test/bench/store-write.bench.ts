/** A small write that is on the disk when it is done, beside SQLite alone doing the same. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { ACCEPTANCE_BYTES, HEADER_BYTES, TREE, version, withStore } from './store.ts'

const ROUNDS = 12
const WRITES = 150
/** A sector of 4 KiB as it is kept. */
const PIECE_BYTES = 4129

/** SQLite as the store has it, with the same values under the same keys. */
function bareDatabase(path: string): () => void {
  const db = new DatabaseSync(path)
  db.exec(`
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE block (tree TEXT, id BLOB, header BLOB, acceptance BLOB, PRIMARY KEY (tree, id));
    CREATE TABLE piece (hash BLOB PRIMARY KEY, bytes BLOB)`)
  const block = db.prepare('INSERT INTO block VALUES (?, ?, ?, ?)')
  const piece = db.prepare('INSERT INTO piece VALUES (?, ?)')
  const [header, acceptance] = [randomBytes(HEADER_BYTES), randomBytes(ACCEPTANCE_BYTES)]
  const bytes = randomBytes(PIECE_BYTES)
  return () => {
    db.exec('BEGIN')
    piece.run(randomBytes(32), bytes)
    block.run(TREE, randomBytes(16), header, acceptance)
    db.exec('COMMIT')
  }
}

export const bench: Bench = {
  about: 'a durable small write, each with its own flush',
  async run({ figure, signal }) {
    await withStore(async (store, folder) => {
      const bare = bareDatabase(join(folder, 'bare.db'))
      const bytes = randomBytes(PIECE_BYTES)
      const own = async () => {
        const block = version()
        const pieces = [{ hash: block.content.root, bytes }]
        await store.commit({ pieces, blocks: [block] })
      }
      const times: Record<'own' | 'bare', number[]> = { own: [], bare: [] }
      const measure = async (list: number[], write: () => Promise<void> | void) => {
        const start = performance.now()
        for (let i = 0; i < WRITES; i++) await write()
        list.push(((performance.now() - start) * 1000) / WRITES)
      }
      for (let round = 0; round < ROUNDS; round++) {
        signal.throwIfAborted()
        await measure(times.own, own)
        await measure(times.bare, bare)
      }
      const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1]!
      figure({
        name: 'a change of one block and one piece, wall',
        value: median(times.own),
        unit: 'µs',
        peer: { name: 'SQLite alone', value: median(times.bare), ratio: 1 / 0.9 },
      })
    })
  },
}
