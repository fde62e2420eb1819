/**
 * A set of hashes that takes little memory and may take one for another (Bloom 1970): a piece that was
 * marked is always found, one that was not hardly ever. Each filter has its own salt, so what one took
 * for another the next will not.
 *
 * 8 bits of the table for each hash; about 32 bits of the table for each expected one, at least 2^19, at
 * most 2^29: 64 MiB, which still tells 999 of 1,000 apart at 40 million.
 */
import type { Random } from '../crypto/random.ts'

const LEAST = 19
const MOST = 29

export class Filter {
  readonly #bits: Uint32Array
  readonly #shift: number
  readonly #salt: Int32Array

  /** @param expected  hashes that will be added, about. */
  constructor(expected: number, random: Random) {
    const log = Math.min(MOST, Math.max(LEAST, Math.ceil(Math.log2(Math.max(1, expected) * 32))))
    this.#bits = new Uint32Array(2 ** (log - 5))
    this.#shift = 32 - log
    const salt = Uint8Array.from(random(64))
    this.#salt = new Int32Array(salt.buffer)
  }

  /** @param hash  32 bytes, of which any 4 are as good as random. */
  add(hash: Uint8Array): void {
    for (let i = 0; i < 8; i++) {
      const bit = this.#bit(hash, i)
      this.#bits[bit >>> 5]! |= 1 << (bit & 31)
    }
  }

  has(hash: Uint8Array): boolean {
    for (let i = 0; i < 8; i++) {
      const bit = this.#bit(hash, i)
      if ((this.#bits[bit >>> 5]! & (1 << (bit & 31))) === 0) return false
    }
    return true
  }

  #bit(hash: Uint8Array, i: number): number {
    const at = i * 4
    const word = hash[at]! | (hash[at + 1]! << 8) | (hash[at + 2]! << 16) | (hash[at + 3]! << 24)
    const mixed = Math.imul(word ^ this.#salt[i]!, this.#salt[i + 8]! | 1)
    return (mixed ^ (mixed >>> 15)) >>> this.#shift
  }
}
