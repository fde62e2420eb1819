/**
 * Content addresses. A digest is written `<SHA-256 in hex>/<size in bytes>`, as clients of the
 * Remote Execution API write it (build.bazel.remote.execution.v2, message Digest).
 */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

/** `<64 hex digits>/<bytes>` */
export type Digest = string

const CHUNK = 1 << 20

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
  const hash = createHash('sha256')
  const fd = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(CHUNK)
    for (let n; (n = readSync(fd, buffer, 0, CHUNK, null)) > 0;) hash.update(buffer.subarray(0, n))
  } finally {
    closeSync(fd)
  }
  return hash.digest('hex')
}

/** JSON with sorted keys and no spaces: one value, one text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
