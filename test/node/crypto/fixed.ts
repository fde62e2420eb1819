/** Keys and randomness that are the same in every run, and the algorithms in pairs. */
import { createHash } from 'node:crypto'
import { ECDSA_P256, ED25519, HPKE_P256, X25519 } from '../../../node/crypto/algorithm.ts'
import { generateKeyPairs, type KeyPairs } from '../../../node/crypto/key-pairs.ts'
import type { Random } from '../../../node/crypto/random.ts'

export const CURVES = {
  '25519': { sign: ED25519, decrypt: X25519 },
  'P-256': { sign: ECDSA_P256, decrypt: HPKE_P256 },
} as const

/** Bytes that look random and are the same for the same `seed`. */
export function repeatable(seed: string): Random {
  let drawn = 0
  return length => {
    const parts: Buffer[] = []
    for (let have = 0; have < length; have += 32)
      parts.push(createHash('sha256').update(`${seed} ${drawn++}`).digest())
    return new Uint8Array(Buffer.concat(parts)).slice(0, length)
  }
}

export function fixedKeys(curve: keyof typeof CURVES, seed = 'keys'): KeyPairs {
  return generateKeyPairs(CURVES[curve], repeatable(`${seed} ${curve}`))
}

export const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
export const ascii = (text: string) => new TextEncoder().encode(text)
export const flip = (bytes: Uint8Array, bit: number) =>
  Uint8Array.from(bytes, (byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
