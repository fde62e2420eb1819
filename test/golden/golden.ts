/** Golden files: bytes that must be made and read the same for ever. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The bytes of `test/golden/NAME`. With `BT_UPDATE=1` a file that does not exist is made of `bytes`;
 * one that exists is never changed: a format that changes gets a new version and new files.
 */
export function golden(name: string, bytes?: Uint8Array): Uint8Array {
  const path = join(import.meta.dirname, name)
  if (bytes && process.env['BT_UPDATE'] === '1' && !existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
  return new Uint8Array(readFileSync(path))
}

/** `bytes` with one bit flipped, for every bit. */
export function* flips(bytes: Uint8Array): Generator<{ bit: number; bad: Uint8Array }> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const bad = Uint8Array.from(bytes)
    bad[bit >> 3]! ^= 1 << (bit & 7)
    yield { bit, bad }
  }
}
