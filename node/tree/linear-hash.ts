/**
 * Linear hashing (W. Litwin, Linear Hashing: a new tool for file and table addressing, VLDB 1980): a
 * table that grows and shrinks by one bucket at a time, so that no addition touches more than the
 * bucket it goes to and the one that is split.
 *
 * With n buckets and 2^l the largest power of two that is at most n, a hash h belongs to bucket
 * h mod 2^(l+1), or, when there is no such bucket, h mod 2^l.
 */
import { hash } from 'node:crypto'

/**
 * The first 8 bytes of SHA-256 of the name in UTF-8, big-endian, modulo 2^32: there are fewer buckets
 * than that, so the rest says nothing.
 */
export function hashOf(name: string): number {
  // A name is looked for before it is added.
  if (name !== last.name) last = { name, hash: hash('sha256', name, 'buffer').readUInt32BE(4) }
  return last.hash
}

let last = { name: '', hash: hash('sha256', '', 'buffer').readUInt32BE(4) }

/** Which of `count` (1 to 2^31) buckets `hash` (0 to 2^32 - 1) belongs to. */
export function bucketOf(hash: number, count: number): number {
  const half = halfOf(count)
  const index = hash % (half * 2)
  return index < count ? index : index % half
}

/** The bucket that is split when bucket `count` is added, and that it goes back to when it is removed. */
export function splitOf(count: number): number {
  return count - halfOf(count)
}

/** The largest power of two that is at most `count`. */
function halfOf(count: number): number {
  return 2 ** (31 - Math.clz32(count))
}
