/**
 * Reads a tar archive as it streams by: 512-byte headers, contents padded to 512 (POSIX.1-2024, pax,
 * "ustar Interchange Format"), with long names and sizes from pax headers (`x`) or GNU members (`L`,
 * `K`). Files, folders, symbolic and hard links are understood; anything else is refused.
 */
import { UnpackError } from './error.ts'

export type Member = {
  readonly type: 'file' | 'dir' | 'symlink' | 'hardlink'
  /** As the archive says it, unchecked. */
  readonly path: string
  /** Of links. */
  readonly target: string
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number
  /** Bytes of a file; 0 for others. */
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
}

/** Takes a member's bytes, in any number of pieces. */
export type Sink = { write(bytes: Buffer): void; end(): void }

const BLOCK = 512
/** Longest name or pax header that is taken; PATH_MAX is 4096. */
const MAX_EXTRA = 1 << 20

const TYPES: Record<string, Member['type']> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'dir',
}

export class TarReader {
  readonly #member: (member: Member) => Sink | undefined
  /** A header that is not complete yet. */
  #head = Buffer.alloc(0)
  #sink: Sink | undefined
  /** Bytes of contents, then of padding, still to come. */
  #left = 0
  #padding = 0
  #next: Partial<Record<'path' | 'linkpath' | 'size' | 'mtime', string>> = {}
  #ended = false
  #members = 0

  /** @param member  Called for each member; gives what takes the bytes of a file. */
  constructor(member: (member: Member) => Sink | undefined) {
    this.#member = member
  }

  /** @throws {UnpackError} `UNPACK_BAD_ARCHIVE`, `UNPACK_BAD_MEMBER`, and what `member` throws. */
  write(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#ended) {
      if (this.#left > 0) {
        const end = Math.min(chunk.length, at + this.#left)
        this.#sink?.write(chunk.subarray(at, end))
        this.#left -= end - at
        at = end
        if (this.#left === 0) this.#finish()
      } else if (this.#padding > 0) {
        const skip = Math.min(chunk.length - at, this.#padding)
        this.#padding -= skip
        at += skip
      } else if (this.#head.length === 0 && chunk.length - at >= BLOCK) {
        this.#header(chunk.subarray(at, at + BLOCK))
        at += BLOCK
      } else {
        const end = Math.min(chunk.length, at + BLOCK - this.#head.length)
        this.#head = Buffer.concat([this.#head, chunk.subarray(at, end)])
        at = end
        if (this.#head.length < BLOCK) continue
        const head = this.#head
        this.#head = Buffer.alloc(0)
        this.#header(head)
      }
    }
  }

  /** The stream is over. @throws {UnpackError} `UNPACK_BAD_ARCHIVE` when it ends too early. */
  end(): void {
    if (this.#left > 0 || this.#padding > 0 || this.#head.length > 0)
      throw new UnpackError('UNPACK_BAD_ARCHIVE', 'the archive ends in the middle of a member')
    if (!this.#ended && this.#members === 0)
      throw new UnpackError('UNPACK_BAD_ARCHIVE', 'the archive is empty, a tar archive expected')
  }

  #finish(): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end()
  }

  #header(head: Buffer): void {
    if (head.every(byte => byte === 0)) {
      this.#ended = true
      return
    }
    if (!checksumFits(head))
      throw new UnpackError('UNPACK_BAD_ARCHIVE', 'found no tar header where one must be')
    this.#members++
    const letter = String.fromCharCode(head[156]!)
    const plain = number(head, 124, 12)
    if ('xgLK'.includes(letter)) return this.#extra(letter, plain)

    const next = this.#next
    this.#next = {}
    const prefix = head.toString('latin1', 257, 262) === 'ustar' && head[263] === 48
    const folder = prefix ? text(head, 345, 155) : ''
    const path = next.path ?? (folder && `${folder}/`) + text(head, 0, 100)
    const type = TYPES[letter]
    if (type === undefined)
      throw new UnpackError(
        'UNPACK_BAD_MEMBER',
        `${path} is of type ${JSON.stringify(letter)}; files, folders and links expected`,
      )
    const size = type === 'file' ? count(next.size ?? plain) : 0
    const member: Member = {
      // Archives older than POSIX mark folders by a slash only.
      type: type === 'file' && path.endsWith('/') ? 'dir' : type,
      path,
      target: next.linkpath ?? text(head, 157, 100),
      mode: number(head, 100, 8) & 0o7777,
      size,
      mtime: Math.floor(Number(next.mtime ?? number(head, 136, 12))) || 0,
    }
    this.#expect(size, this.#member(member))
  }

  #expect(size: number, sink: Sink | undefined): void {
    this.#left = size
    this.#padding = (BLOCK - (size % BLOCK)) % BLOCK
    this.#sink = sink
    if (size === 0) this.#finish()
  }

  /** Names, sizes and times that did not fit into the header of the member that follows. */
  #extra(letter: string, size: number): void {
    if (size > MAX_EXTRA)
      throw new UnpackError('UNPACK_BAD_ARCHIVE', `an extended header has ${size} bytes`)
    const pieces: Buffer[] = []
    this.#expect(size, {
      write: bytes => void pieces.push(Buffer.from(bytes)),
      end: () => {
        const bytes = Buffer.concat(pieces)
        if (letter === 'L') this.#next.path = text(bytes, 0, bytes.length)
        else if (letter === 'K') this.#next.linkpath = text(bytes, 0, bytes.length)
        else if (letter === 'x') Object.assign(this.#next, paxRecords(bytes))
      },
    })
  }
}

/** Records are `LENGTH KEY=VALUE\n`, the length counting all of it in decimal. */
function paxRecords(bytes: Buffer): Record<string, string> {
  const records: Record<string, string> = {}
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at)
    const length = Number(bytes.toString('latin1', at, space))
    const equals = bytes.indexOf(61, at)
    const end = at + length
    const fits = space > at && equals > space && equals < end && end <= bytes.length
    if (!fits || bytes[end - 1] !== 10)
      throw new UnpackError('UNPACK_BAD_ARCHIVE', 'a pax header is malformed')
    const key = bytes.toString('latin1', space + 1, equals)
    if (key.startsWith('GNU.sparse'))
      throw new UnpackError('UNPACK_BAD_MEMBER', 'found a sparse file; plain files expected')
    if (['path', 'linkpath', 'size', 'mtime'].includes(key))
      records[key] = text(bytes, equals + 1, end - 1 - equals - 1)
    at = end
  }
  return records
}

/** Sum of the header's bytes with its own field as spaces. */
function checksumFits(head: Buffer): boolean {
  let sum = 8 * 32
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += head[i]!
  return sum === number(head, 148, 8)
}

function text(bytes: Buffer, at: number, length: number): string {
  const nul = bytes.indexOf(0, at)
  const end = nul < 0 || nul > at + length ? at + length : nul
  const found = bytes.toString('utf8', at, end)
  if (found.includes('\uFFFD'))
    throw new UnpackError('UNPACK_BAD_MEMBER', `the name ${JSON.stringify(found)} is not UTF-8`)
  return found
}

/** Octal text, or base 256 when the top bit is set (GNU, for large sizes). */
function number(head: Buffer, at: number, length: number): number {
  if ((head[at]! & 0x80) !== 0) {
    let value = head[at]! & 0x7f
    for (let i = 1; i < length; i++) value = value * 256 + head[at + i]!
    return count(value)
  }
  const digits = text(head, at, length).trim()
  if (!/^[0-7]*$/.test(digits))
    throw new UnpackError('UNPACK_BAD_ARCHIVE', `found ${JSON.stringify(digits)}, octal expected`)
  return digits === '' ? 0 : parseInt(digits, 8)
}

function count(value: string | number): number {
  const size = typeof value === 'number' ? value : /^[0-9]+$/.test(value) ? Number(value) : NaN
  if (!Number.isSafeInteger(size))
    throw new UnpackError('UNPACK_BAD_ARCHIVE', `a size of ${value} makes no sense`)
  return size
}
