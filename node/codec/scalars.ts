/** Schemas of single values: bytes, text, numbers, truth values, constants. */
import { Refusal } from './error.ts'
import { headBytes, kindOf, type Schema } from './schema.ts'

const scalar = (bytes: number) => ({ bytes, items: 1, depth: 1 })

/** Byte strings of exactly `length` bytes, or of `min` (0) to `max`. */
export function bytes(
  size: { readonly length: number } | { readonly min?: number; readonly max: number },
): Schema<Uint8Array> {
  const { min, max } = 'length' in size ? { min: size.length, max: size.length } : size
  const least = min ?? 0
  const check = (value: unknown): Uint8Array => {
    if (!(value instanceof Uint8Array))
      throw new Refusal('CODEC_TYPE', `found ${kindOf(value)}, expected bytes`)
    within(value.length, least, max, 'bytes')
    return value
  }
  return { max: scalar(headBytes(max) + max), read: check, write: check }
}

/** Unicode text of `min` (0) to `max` bytes of UTF-8; any characters but a leading U+FEFF. */
export function text(size: { readonly min?: number; readonly max: number }): Schema<string> {
  const { min = 0, max } = size
  const check = (value: unknown): string => {
    if (typeof value !== 'string')
      throw new Refusal('CODEC_TYPE', `found ${kindOf(value)}, expected text`)
    if (!value.isWellFormed()) throw new Refusal('CODEC_UTF8', 'found half a surrogate pair')
    if (value.startsWith('\ufeff'))
      throw new Refusal('CODEC_UTF8', 'found text that begins with a byte order mark')
    within(utf8Length(value, max), min, max, 'bytes of UTF-8')
    return value
  }
  return { max: scalar(headBytes(max) + max), read: check, write: check }
}

/** Integers from `min` (0) to `max`, at most 2^53 - 1. */
export function uint(range: { readonly min?: number; readonly max: number }): Schema<number> {
  const { min = 0, max } = range
  const check = (value: unknown): number => {
    if (typeof value !== 'number' && typeof value !== 'bigint')
      throw new Refusal('CODEC_TYPE', `found ${kindOf(value)}, expected a whole number`)
    if (value < min || value > max)
      throw new Refusal('CODEC_RANGE', `found ${value}, expected ${min} to ${max}`)
    if (typeof value === 'bigint' || !Number.isInteger(value))
      throw new Refusal('CODEC_TYPE', `found ${value}, expected a whole number`)
    return value
  }
  return { max: scalar(headBytes(max)), read: check, write: check }
}

export const u8 = uint({ max: 2 ** 8 - 1 })
export const u16 = uint({ max: 2 ** 16 - 1 })
export const u32 = uint({ max: 2 ** 32 - 1 })

/** 0 to 2^53 - 1: sizes in bytes, times in ms since 1970. */
export const u53 = uint({ max: Number.MAX_SAFE_INTEGER })

const U64_MAX = 2n ** 64n - 1n

/** 0 to 2^64 - 1, always a bigint in TypeScript. */
export const u64: Schema<bigint> = {
  max: scalar(9),
  read: value => {
    if (typeof value !== 'bigint' && !Number.isInteger(value))
      throw new Refusal('CODEC_TYPE', `found ${kindOf(value)}, expected a whole number`)
    const big = BigInt(value as number | bigint)
    if (big < 0n) throw new Refusal('CODEC_RANGE', `found ${big}, expected 0 to 2^64 - 1`)
    return big
  },
  write: value => {
    if (typeof value !== 'bigint')
      throw new Refusal('CODEC_TYPE', `found ${kindOf(value)}, expected a bigint`)
    if (value < 0n || value > U64_MAX)
      throw new Refusal('CODEC_RANGE', `found ${value}, expected 0 to 2^64 - 1`)
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
  },
}

export const bool: Schema<boolean> = (() => {
  const check = (value: unknown): boolean => {
    if (typeof value !== 'boolean')
      throw new Refusal('CODEC_TYPE', `found ${kindOf(value)}, expected true or false`)
    return value
  }
  return { max: scalar(1), read: check, write: check }
})()

/** Always this text or number: versions, kinds. */
export function constant<const T extends string | number>(expected: T): Schema<T> {
  const check = (value: unknown): T => {
    if (typeof value !== typeof expected)
      throw new Refusal('CODEC_TYPE', `found ${kindOf(value)}, expected ${expected}`)
    if (value !== expected)
      throw new Refusal('CODEC_VALUE', `found ${shortly(value)}, expected ${expected}`)
    return expected
  }
  const size = typeof expected === 'string' ? utf8Length(expected, Infinity) : 0
  const head = headBytes(typeof expected === 'number' ? expected : size)
  return { max: scalar(head + size), read: check, write: check }
}

export function within(found: number, min: number, max: number, unit: string): void {
  if (found >= min && found <= max) return
  const expected = min === max ? `${max}` : min === 0 ? `at most ${max}` : `${min} to ${max}`
  throw new Refusal('CODEC_LENGTH', `found ${found} ${unit}, expected ${expected}`)
}

/** Text of others in a message: its beginning, quoted. */
export function shortly(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 32)) : String(value)
}

/** The length in UTF-8; a text with more than `max` UTF-16 units is not looked at further. */
function utf8Length(value: string, max: number): number {
  if (value.length > max) return value.length
  let length = 0
  for (const c of value) {
    const point = c.codePointAt(0)!
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return length
}
