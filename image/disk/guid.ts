/**
 * GUIDs as GPT stores them: 16 bytes, the first three fields little-endian (UEFI 2.10, appendix A),
 * written in text as `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, lower case. A GUID is never drawn at
 * random here: the same image must have the same ones, so they come out of a seed by SHA-256, marked
 * as UUID version 8 (RFC 9562, 5.8: vendor-made).
 */
import { createHash } from 'node:crypto'

const TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** True for a GUID in lower-case text form. */
export function isGuid(text: string): boolean {
  return TEXT.test(text)
}

/**
 * The GUID that belongs to a name under a seed; the same for ever.
 *
 * @param seed  any text; images that differ should differ in it.
 * @param name  what the GUID is for, such as `disk` or `root-a`.
 */
export function seededGuid(seed: string, name: string): string {
  const hash = createHash('sha256')
    .update(`blocktree guid ${JSON.stringify([seed, name])}`)
    .digest()
  hash[6] = (hash[6]! & 0x0f) | 0x80
  hash[8] = (hash[8]! & 0x3f) | 0x80
  return uuidText(hash.subarray(0, 16))
}

/** 16 bytes in the order of the text (RFC 9562), as text. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return [8, 12, 16, 20, 32].map((end, i) => hex.slice([0, 8, 12, 16, 20][i], end)).join('-')
}

/**
 * Text to 16 bytes in the order of the text (RFC 9562), as verity and erofs store UUIDs.
 *
 * @throws {RangeError} when it is not a GUID in lower case.
 */
export function uuidBytes(text: string): Buffer {
  if (!isGuid(text)) throw new RangeError(`'${text}' is not a GUID in lower case`)
  return Buffer.from(text.replaceAll('-', ''), 'hex')
}

/** Text to the 16 mixed-endian bytes of GPT. @throws {RangeError} when it is not a GUID. */
export function guidBytes(text: string): Buffer {
  return swap(uuidBytes(text))
}

/** The 16 mixed-endian bytes of GPT to text. */
export function guidText(bytes: Uint8Array): string {
  return uuidText(swap(Buffer.from(bytes)))
}

function swap(bytes: Buffer): Buffer {
  bytes.subarray(0, 4).reverse()
  bytes.subarray(4, 6).reverse()
  bytes.subarray(6, 8).reverse()
  return bytes
}
