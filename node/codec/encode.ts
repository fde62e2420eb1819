/**
 * Writes values as canonical DAG-CBOR. `@ipld/dag-cbor` does the same and reads what this wrote; but a
 * bucket of a directory takes it five times as long, and a name added to a directory writes two. The
 * test holds one against the other.
 */
import { Refusal } from './error.ts'
import { BYTES, LIST, MAP, NEGATIVE, TEXT, UINT } from './head.ts'

const FALSE = 0xf4
const TRUE = 0xf5
const NULL = 0xf6

let buffer = Buffer.alloc(1 << 16)
let at = 0

/** @param value  as {@link Schema.write} gives it. @returns memory of its own. */
export function encode(value: unknown): Uint8Array {
  at = 0
  put(value)
  const encoded = new Uint8Array(at)
  encoded.set(buffer.subarray(0, at))
  // What was encoded may be secret.
  buffer.fill(0, 0, at)
  return encoded
}

function put(value: unknown): void {
  if (typeof value === 'number') putNumber(value)
  else if (typeof value === 'string') putText(value)
  else if (value instanceof Uint8Array) putBytes(value)
  else if (typeof value === 'boolean') putByte(value ? TRUE : FALSE)
  else if (typeof value === 'bigint') putBig(value)
  else if (Array.isArray(value)) putList(value)
  else if (value === null) putByte(NULL)
  else if (typeof value === 'object') putMap(value as Record<string, unknown>)
  else throw new Refusal('CODEC_TYPE', `found ${typeof value}, no format has it`)
}

function putNumber(value: number): void {
  if (!Number.isSafeInteger(value)) throw new Refusal('CODEC_TYPE', `found ${value}`)
  if (value >= 0) putHead(UINT, value)
  else putHead(NEGATIVE, -1 - value)
}

function putBig(value: bigint): void {
  const big = value < 0n ? -1n - value : value
  const major = value < 0n ? NEGATIVE : UINT
  if (big <= BigInt(Number.MAX_SAFE_INTEGER)) return putHead(major, Number(big))
  reserve(9)
  buffer[at++] = (major << 5) | 27
  at = buffer.writeBigUInt64BE(big, at)
}

function putText(value: string): void {
  // As long as in UTF-8, when all of it is ASCII; at most three times as long otherwise.
  reserve(9 + value.length * 3)
  const start = at
  putHead(TEXT, value.length)
  const from = at
  const { length } = value
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i)
    if (unit >= 0x80) {
      at = start
      const bytes = Buffer.byteLength(value)
      putHead(TEXT, bytes)
      at += buffer.write(value, at)
      return
    }
    buffer[from + i] = unit
  }
  at = from + length
}

function putBytes(value: Uint8Array): void {
  reserve(9 + value.length)
  putHead(BYTES, value.length)
  buffer.set(value, at)
  at += value.length
}

function putList(value: readonly unknown[]): void {
  putHead(LIST, value.length)
  for (const one of value) put(one)
}

function putMap(value: Record<string, unknown>): void {
  const keys = Object.keys(value)
  if (!isSorted(keys)) keys.sort(inOrder)
  putHead(MAP, keys.length)
  for (const key of keys) {
    putText(key)
    put(value[key])
  }
}

/** Order of keys, which are ASCII as `object` sees to: by length, then by bytes. */
export function inOrder(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1)
}

function isSorted(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i++) if (inOrder(keys[i - 1]!, keys[i]!) > 0) return false
  return true
}

function putByte(byte: number): void {
  reserve(1)
  buffer[at++] = byte
}

/** @param argument  0 to 2^53 - 1. */
function putHead(major: number, argument: number): void {
  reserve(9)
  const type = major << 5
  if (argument < 24) buffer[at++] = type | argument
  else if (argument < 2 ** 8) {
    buffer[at++] = type | 24
    buffer[at++] = argument
  } else if (argument < 2 ** 16) {
    buffer[at++] = type | 25
    at = buffer.writeUInt16BE(argument, at)
  } else if (argument < 2 ** 32) {
    buffer[at++] = type | 26
    at = buffer.writeUInt32BE(argument, at)
  } else {
    buffer[at++] = type | 27
    at = buffer.writeUInt32BE(Math.floor(argument / 2 ** 32), at)
    at = buffer.writeUInt32BE(argument % 2 ** 32, at)
  }
}

function reserve(bytes: number): void {
  if (at + bytes <= buffer.length) return
  const larger = Buffer.alloc(Math.max(buffer.length * 2, at + bytes))
  larger.set(buffer.subarray(0, at))
  buffer.fill(0)
  buffer = larger
}
