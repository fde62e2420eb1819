/** Where randomness comes from; passed to whoever needs it, so that tests can repeat a run. */
import { randomFillSync } from 'node:crypto'

/** `length` unpredictable bytes, in memory of their own. */
export type Random = (length: number) => Uint8Array

/** Each call to OpenSSL costs more than some hundred bytes: they are drawn ahead. */
const POOL = Buffer.alloc(4096)
const SMALL = 64
let used = POOL.length

/** The kernel's, by way of OpenSSL. */
export const systemRandom: Random = length => {
  const drawn = new Uint8Array(length)
  if (length > SMALL) return randomFillSync(drawn)
  if (used + length > POOL.length) {
    randomFillSync(POOL)
    used = 0
  }
  const next = POOL.subarray(used, used + length)
  used += length
  drawn.set(next)
  // What was given away is known to its owner only.
  next.fill(0)
  return drawn
}
