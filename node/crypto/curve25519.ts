/**
 * Public keys that no honest party has. OpenSSL takes them, but a signature that fits anything, or an
 * agreement whose result is known, would carry the name of a principal.
 *
 * Ed25519: y coordinates of the points of order 1, 2, 4 and 8, and encodings of y not below
 * p = 2^255 - 19 (RFC 8032, 5.1.3). X25519: u not below p; points of small order are found by the
 * agreement itself, its result is zero (RFC 7748, 6.1).
 */
import { equal } from './bytes.ts'

const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(hex => Buffer.from(hex, 'hex'))

/** Whether 32 bytes are a number below p; the highest bit is not part of it. */
function belowP(bytes: Uint8Array): boolean {
  const highest = bytes[31]! & 0x7f
  return highest !== 0x7f || bytes.subarray(1, 31).some(byte => byte !== 0xff) || bytes[0]! < 0xed
}

/** Whether 32 bytes may be an Ed25519 public key. */
export function soundEd25519(bytes: Uint8Array): boolean {
  const y = Uint8Array.from(bytes)
  y[31]! &= 0x7f
  return belowP(bytes) && !SMALL_ORDER.some(small => equal(small, y))
}

/** Whether 32 bytes may be an X25519 public key: one encoding each, not zero. */
export function soundX25519(bytes: Uint8Array): boolean {
  return bytes[31]! < 0x80 && belowP(bytes) && bytes.some(byte => byte !== 0)
}
