/**
 * Numbers modulo the order n of P-256 (FIPS 186-5; SEC 2, 2.4.2), 32 bytes big-endian.
 *
 * An ECDSA signature (r, s) is as good as (r, n - s), so anybody could change a signed block's bytes.
 * Only the one with s ≤ n / 2 is made and accepted here.
 */
import { equal, join } from './bytes.ts'

const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
const HALF = Buffer.from('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8', 'hex')

/** Whether 32 bytes are a private key: 1 to n - 1. */
export function isScalar(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, ORDER) < 0 && bytes.some(byte => byte !== 0)
}

/** Whether the second half of the 64 bytes r | s is at most n / 2. */
export function isLowS(signature: Uint8Array): boolean {
  return Buffer.compare(signature.subarray(32), HALF) <= 0
}

/** The same signature (64 bytes, r | s) with the smaller s; chips give either. */
export function lowS(signature: Uint8Array): Uint8Array {
  if (isLowS(signature)) return signature
  const s = new Uint8Array(32)
  let borrow = 0
  for (let i = 31; i >= 0; i--) {
    const difference = ORDER[i]! - signature[32 + i]! - borrow
    borrow = difference < 0 ? 1 : 0
    s[i] = difference & 0xff
  }
  return join(signature.subarray(0, 32), s)
}

/** Whether a public key (65 bytes, uncompressed) begins as one must. */
export function isUncompressed(bytes: Uint8Array): boolean {
  return equal(bytes.subarray(0, 1), new Uint8Array([4]))
}
