/**
 * Content addresses. A digest is written `<SHA-256 in hex>/<size in bytes>`, as clients of the
 * Remote Execution API write it (build.bazel.remote.execution.v2, message Digest).
 */
import { createHash, hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, statSync, type BigIntStats } from 'node:fs'

/** `<64 hex digits>/<bytes>` */
export type Digest = string

const CHUNK = 1 << 18
/** One for all files: a new one each would keep the garbage collector busy. */
const buffer = Buffer.allocUnsafe(CHUNK)

/** SHA-256 of bytes or UTF-8 text, 64 hex digits. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex')
}

export function digestOf(data: Uint8Array | string): Digest {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  return `${sha256(bytes)}/${bytes.length}`
}

/** SHA-256 of a file, 64 hex digits. @throws the error of the file system. */
export function sha256File(path: string): string {
  const fd = openSync(path, 'r')
  try {
    const noted = notes.get(path)
    if (noted !== undefined && noted.mark === markOf(fstatSync(fd, { bigint: true })))
      return noted.sha256
    let length = fill(fd)
    if (length < CHUNK) return hash('sha256', buffer.subarray(0, length))
    const whole = createHash('sha256')
    for (; length > 0; length = fill(fd)) whole.update(buffer.subarray(0, length))
    return whole.digest('hex')
  } finally {
    closeSync(fd)
  }
}

const notes = new Map<string, { readonly mark: string; readonly sha256: string }>()

/**
 * Notes the SHA-256 of a file that this process has just written, for {@link sha256File}: who wrote a
 * large sparse file knows it cheaper than who reads it. Holds until the file is touched.
 */
export function noteSha256(path: string, sha256: string): void {
  notes.set(path, { mark: markOf(statSync(path, { bigint: true })), sha256 })
}

const markOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats) =>
  `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`

/** Reads on from a file until the buffer is full or the file ends; gives how many bytes. */
function fill(fd: number): number {
  let at = 0
  for (let n; at < CHUNK && (n = readSync(fd, buffer, at, CHUNK - at, null)) > 0;) at += n
  return at
}

/** JSON with sorted keys and no spaces: one value, one text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
