/**
 * The head of a CBOR item: 1 byte (3 bits major type, 5 bits argument or its size) and 0, 1, 2, 4 or
 * 8 bytes argument, big-endian. Only the shortest form is accepted. Source: RFC 8949, 3 and 4.2.1.
 */
import { Refusal } from './error.ts'

export const UINT = 0
export const NEGATIVE = 1
export const BYTES = 2
export const TEXT = 3
export const LIST = 4
export const MAP = 5
export const TAG = 6
export const SIMPLE = 7

export type Head = {
  major: number
  /** Exact below 2^53, rounded above; what is above is only ever too large. */
  argument: number
  /** Where the content, or the next item, begins. */
  next: number
}

/**
 * Reads the head at `at` into `head`, which is used again and again so that nothing is allocated.
 *
 * @throws {Refusal} `CODEC_TRUNCATED`, `CODEC_RESERVED`, `CODEC_INDEFINITE`, `CODEC_NOT_MINIMAL`;
 *   for major type 7 every argument is taken as it is, the caller knows which values there are.
 */
export function readHead(bytes: Uint8Array, at: number, head: Head): void {
  const first = bytes[at]
  if (first === undefined)
    throw new Refusal('CODEC_TRUNCATED', `ends at byte ${at}, where a value is expected`)
  const size = first & 31
  head.major = first >> 5
  head.argument = size
  head.next = at + 1
  if (size < 24) return
  if (size === 31) throw new Refusal('CODEC_INDEFINITE', 'found an item of indefinite length')
  if (size > 27) throw new Refusal('CODEC_RESERVED', `found the reserved first byte ${first}`)
  const length = 1 << (size - 24)
  if (bytes.length - at - 1 < length)
    throw new Refusal('CODEC_TRUNCATED', `ends at byte ${bytes.length}, within a number`)
  let argument = 0
  for (let i = 1; i <= length; i++) argument = argument * 256 + bytes[at + i]!
  head.argument = argument
  head.next = at + 1 + length
  if (head.major === SIMPLE) return
  const least = length === 1 ? 24 : 2 ** (length * 4)
  if (argument < least)
    throw new Refusal('CODEC_NOT_MINIMAL', `found ${argument} in ${length + 1} bytes, fewer do`)
}
