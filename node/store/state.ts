/**
 * What the store knows of itself as a whole: one row, written by each transaction.
 *
 * The digest is the sum, modulo 2^256, of SHA-256(tree | 0 | id | generation, u64 | hash) over all
 * blocks that were ever seen. So it follows from the table of known blocks, can be kept up to date
 * without reading that, and tells when rows of it were put back.
 */
import { hash } from 'node:crypto'
import type { BlockId } from '../block/id.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Fresh } from './freshness.ts'
import type { Database, Statement } from './sqlite.ts'

export type Totals = {
  /** Rises with each transaction. */
  readonly sequence: number
  readonly digest: bigint
  /** Rises when a collection of garbage begins; pieces are born in it. */
  readonly epoch: number
  /** Pieces that have a row. */
  readonly pieces: number
  /** Bytes of the data file that pieces take. */
  readonly extents: number
}

export class State {
  readonly #save: Statement
  #totals: Totals

  constructor(db: Database) {
    const row = db.prepare('SELECT sequence, digest, epoch, pieces, extents FROM state').get()!
    const [sequence, digest, epoch, pieces, extents] = row as [number, Uint8Array, ...number[]]
    this.#totals = {
      sequence,
      digest: BigInt(`0x${Buffer.from(digest).toString('hex')}`),
      epoch: epoch!,
      pieces: pieces!,
      extents: extents!,
    }
    this.#save = db.prepare(
      'UPDATE state SET sequence = ?, digest = ?, epoch = ?, pieces = ?, extents = ?',
    )
  }

  get totals(): Totals {
    return this.#totals
  }

  get fresh(): Fresh {
    return { sequence: this.#totals.sequence, digest: digestBytes(this.#totals.digest) }
  }

  /** Writes the row, inside a transaction; {@link adopt} the result when that is through. */
  save(changed: Partial<Omit<Totals, 'sequence'>>): Totals {
    const sequence = this.#totals.sequence + 1
    const totals = { ...this.#totals, ...changed, sequence }
    const { digest, epoch, pieces, extents } = totals
    this.#save.run(sequence, digestBytes(digest), epoch, pieces, extents)
    return totals
  }

  /** The next transaction's number will be above `sequence`. */
  skipTo(sequence: number): void {
    this.#totals = { ...this.#totals, sequence: Math.max(sequence, this.#totals.sequence) }
  }

  adopt(totals: Totals): void {
    this.#totals = totals
  }
}

const MODULUS = 1n << 256n

/** The digest with one block's entry taken out (`sign` -1) or put in (1). */
export function digestWith(
  digest: bigint,
  sign: 1 | -1,
  of: { tree: Principal; id: BlockId; generation: bigint; hash: Uint8Array },
): bigint {
  const entry = Buffer.allocUnsafe(of.tree.length + 1 + 16 + 8 + of.hash.length)
  let at = entry.write(of.tree, 'latin1')
  entry[at++] = 0
  at += entry.write(of.id, at, 'hex')
  at = entry.writeBigUInt64BE(of.generation, at)
  entry.set(of.hash, at)
  const hashed = BigInt(`0x${hash('sha256', entry, 'hex')}`)
  const sum = digest + (sign === 1 ? hashed : -hashed)
  return ((sum % MODULUS) + MODULUS) % MODULUS
}

export function digestBytes(digest: bigint): Uint8Array {
  return Buffer.from(digest.toString(16).padStart(64, '0'), 'hex')
}
