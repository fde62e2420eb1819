/**
 * Checks that bytes are one canonical DAG-CBOR value within limits, before anything is decoded or
 * allocated. Canonical: heads in their shortest form, lengths given, keys text, each once, sorted by
 * length and then by bytes; text UTF-8. Narrower than DAG-CBOR: no floats and no tags, as no format
 * here has them. Source: ipld.io/specs/codecs/dag-cbor/spec, RFC 8949, 4.2.
 */
import { inside, Refusal } from './error.ts'
import { BYTES, LIST, MAP, NEGATIVE, readHead, TAG, TEXT, UINT, type Head } from './head.ts'

export type Limits = {
  /** Length of the whole encoding. */
  readonly bytes: number
  /** Values, lists, maps and keys, all counted. */
  readonly items: number
  /** A number has depth 1, a list of numbers 2. */
  readonly depth: number
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws {Refusal} `CODEC_TOO_LARGE`, and what {@link Walk} finds. */
export function walk(bytes: Uint8Array, limits: Limits): void {
  if (bytes.length > limits.bytes)
    throw new Refusal('CODEC_TOO_LARGE', `found ${bytes.length} bytes, at most ${limits.bytes}`)
  const end = new Walk(bytes, limits).item(0, 1)
  if (end < bytes.length)
    throw new Refusal('CODEC_TRAILING', `ends at byte ${end}, but ${bytes.length} bytes were found`)
}

class Walk {
  readonly #bytes: Uint8Array
  readonly #limits: Limits
  readonly #head: Head = { major: 0, argument: 0, next: 0 }
  #items = 0

  constructor(bytes: Uint8Array, limits: Limits) {
    this.#bytes = bytes
    this.#limits = limits
  }

  /** Checks the value at `at`; returns where it ends. */
  item(at: number, depth: number): number {
    if (depth > this.#limits.depth)
      throw new Refusal('CODEC_TOO_DEEP', `nested deeper than ${this.#limits.depth}`)
    this.#count(1)
    readHead(this.#bytes, at, this.#head)
    const { major, argument, next } = this.#head
    if (major === UINT || major === NEGATIVE) return next
    if (major === BYTES) return this.#content(next, argument)
    if (major === TEXT) return this.#text(next, argument)
    if (major === LIST) return this.#list(next, argument, depth)
    if (major === MAP) return this.#map(next, argument, depth)
    if (major === TAG) throw new Refusal('CODEC_TAG', `found tag ${argument}, none is allowed`)
    return this.#simple(at, argument, next)
  }

  #list(at: number, length: number, depth: number): number {
    this.#room(at, length)
    let next = at
    for (let i = 0; i < length; i++)
      try {
        next = this.item(next, depth + 1)
      } catch (error) {
        throw inside(`[${i}]`, error)
      }
    return next
  }

  #map(at: number, length: number, depth: number): number {
    this.#room(at, length * 2)
    let next = at
    let [before, beforeEnd] = [0, 0]
    for (let i = 0; i < length; i++) {
      const key = next
      const value = this.#key(key)
      if (i > 0) this.#order(before, beforeEnd, key, value)
      ;[before, beforeEnd] = [key, value]
      try {
        next = this.item(value, depth + 1)
      } catch (error) {
        throw inside(`.${this.#keyText(key, value)}`, error)
      }
    }
    return next
  }

  #key(at: number): number {
    this.#count(1)
    readHead(this.#bytes, at, this.#head)
    if (this.#head.major !== TEXT)
      throw new Refusal('CODEC_KEY_TYPE', 'found a key that is no text')
    return this.#text(this.#head.next, this.#head.argument)
  }

  /** A longer key has a larger head, so the order by length and bytes is that of the encoded keys. */
  #order(before: number, beforeEnd: number, key: number, end: number): void {
    for (let i = 0; i < beforeEnd - before; i++) {
      const difference = this.#bytes[key + i]! - this.#bytes[before + i]!
      if (difference > 0) return
      if (difference < 0)
        throw new Refusal(
          'CODEC_KEY_ORDER',
          `the key ${this.#keyText(key, end)} stands behind ${this.#keyText(before, beforeEnd)}`,
        )
    }
    throw new Refusal('CODEC_KEY_TWICE', `the key ${this.#keyText(key, end)} is there twice`)
  }

  #simple(at: number, argument: number, next: number): number {
    const first = this.#bytes[at]! & 31
    if (first >= 20 && first <= 22) return next
    if (first >= 25) throw new Refusal('CODEC_FLOAT', 'found a floating-point number')
    throw new Refusal('CODEC_SIMPLE', `found the simple value ${argument}, no format has it`)
  }

  #content(at: number, length: number): number {
    if (length > this.#bytes.length - at)
      throw new Refusal(
        'CODEC_TRUNCATED',
        `${length} bytes are announced at byte ${at}, ${this.#bytes.length - at} are there`,
      )
    return at + length
  }

  #text(at: number, length: number): number {
    const end = this.#content(at, length)
    const bytes = this.#bytes
    let ascii = true
    for (let i = at; i < end && ascii; i++) ascii = bytes[i]! < 0x80
    if (ascii) return end
    if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf)
      throw new Refusal('CODEC_UTF8', 'found text that begins with a byte order mark')
    try {
      utf8.decode(bytes.subarray(at, end))
    } catch {
      throw new Refusal('CODEC_UTF8', 'found text that is not UTF-8')
    }
    return end
  }

  /** Every item takes a byte at least, so a length that nothing can follow is seen at once. */
  #room(at: number, items: number): void {
    if (items > this.#limits.items - this.#items)
      throw new Refusal('CODEC_TOO_MANY', `holds more than ${this.#limits.items} items`)
    this.#content(at, items)
  }

  #count(items: number): void {
    this.#items += items
    if (this.#items > this.#limits.items)
      throw new Refusal('CODEC_TOO_MANY', `holds more than ${this.#limits.items} items`)
  }

  /** A key for people: it may be as long as a hostile sender likes. */
  #keyText(at: number, end: number): string {
    readHead(this.#bytes, at, this.#head)
    const key = utf8.decode(this.#bytes.subarray(this.#head.next, end))
    return /^\w{1,32}$/.test(key) ? key : JSON.stringify(key.slice(0, 32))
  }
}
