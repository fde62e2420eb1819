/** Bytes that are compared, put together and forgotten. */

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** The parts, one after the other, in memory of their own. */
export function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}

/**
 * Zeroes secrets. Copies that the engine or OpenSSL made are out of reach: this shortens the time a
 * secret lies in memory, it does not promise that none is left.
 */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0)
}

/**
 * Frees the memory of bytes that nobody else has seen, now. The garbage collector would come by for
 * every some hundred sectors, and take as long as their sealing does.
 */
export function discard(bytes: Uint8Array): void {
  const { buffer } = bytes
  if (bytes.length < DISCARDED_MIN || bytes.length !== buffer.byteLength) return
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/** Less is not worth the work. */
const DISCARDED_MIN = 16384
