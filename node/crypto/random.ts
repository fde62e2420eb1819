/** Where randomness comes from; passed to whoever needs it, so that tests can repeat a run. */
import { randomBytes } from 'node:crypto'

/** `length` unpredictable bytes. */
export type Random = (length: number) => Uint8Array

/** The kernel's, by way of OpenSSL. */
export const systemRandom: Random = randomBytes
