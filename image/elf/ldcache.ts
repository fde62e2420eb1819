/**
 * Writes `etc/ld.so.cache` of a tree without running anything of it: the list of libraries by which
 * the loader finds them. Format `glibc-ld.so.cache1.1` (glibc 2.32 and later), little-endian:
 *
 *   0 magic and version (20) | count u32 | string bytes u32 | flags u8 = 2, 3 zeros
 *   | offset of the extension u32 | 12 zeros | per library 24: flags i32, name u32, path u32, 0 u32,
 *   hardware 0 u64 | strings | extension: magic, count, per part: tag, 0, offset, bytes | generator
 *
 * Offsets count from the file's start. A name is the tail of its path, so strings are shared.
 * Folders `glibc-hwcaps` are left out: they only hold faster builds of what stands beside them.
 */
import { compareNames } from './library-order.ts'
import type { Library } from './libraries.ts'

const MAGIC = 'glibc-ld.so.cache1.1'
const HEADER = 48
const ENTRY = 24
const LITTLE_ENDIAN = 2
const EXTENSION_MAGIC = 0xeaa42174
const GENERATOR_TAG = 0

/** What `ldconfig -p` shows as the cache's maker. */
export const GENERATOR = 'blocktree'

/** FLAG_ELF_LIBC6 with the machine's bits, as ldconfig writes and the loader compares them. */
const FLAGS: Readonly<Record<string, number>> = { x86_64: 0x0303, aarch64: 0x0a03 }

export type LdCacheErrorCode = 'LDCACHE_MALFORMED' | 'LDCACHE_MACHINE'

/** A cache that can't be made or read. */
export class LdCacheError extends Error {
  readonly code: LdCacheErrorCode
  constructor(code: LdCacheErrorCode, message: string) {
    super(message)
    this.name = 'LdCacheError'
    this.code = code
  }
}

/**
 * The bytes of the cache.
 *
 * @param libraries  in the order of the folders that they were found in.
 * @throws {LdCacheError} `LDCACHE_MACHINE` when a library is for a machine that no board has.
 */
export function writeLdCache(libraries: readonly Library[], generator = GENERATOR): Buffer {
  const sorted = libraries.toSorted(
    (a, b) => compareNames(b.soname, a.soname) || flags(b) - flags(a),
  )
  const strings = shareTails(sorted.flatMap(({ soname, path }) => [soname, path]))
  const stringsAt = HEADER + sorted.length * ENTRY
  const extensionAt = Math.ceil((stringsAt + strings.bytes.length) / 4) * 4
  const generatorAt = extensionAt + 8 + 16
  const cache = Buffer.alloc(generatorAt + Buffer.byteLength(generator))
  cache.write(MAGIC, 0, 'latin1')
  cache.writeUInt32LE(sorted.length, 20)
  cache.writeUInt32LE(strings.bytes.length, 24)
  cache[28] = LITTLE_ENDIAN
  cache.writeUInt32LE(extensionAt, 32)
  sorted.forEach((library, i) => {
    const at = HEADER + i * ENTRY
    cache.writeInt32LE(flags(library), at)
    cache.writeUInt32LE(stringsAt + strings.offset(library.soname), at + 4)
    cache.writeUInt32LE(stringsAt + strings.offset(library.path), at + 8)
  })
  strings.bytes.copy(cache, stringsAt)
  cache.writeUInt32LE(EXTENSION_MAGIC, extensionAt)
  cache.writeUInt32LE(1, extensionAt + 4)
  cache.writeUInt32LE(GENERATOR_TAG, extensionAt + 8)
  cache.writeUInt32LE(generatorAt, extensionAt + 16)
  cache.writeUInt32LE(Buffer.byteLength(generator), extensionAt + 20)
  cache.write(generator, generatorAt)
  return cache
}

/** What the cache says, in its order. @throws {LdCacheError} `LDCACHE_MALFORMED`. */
export function parseLdCache(cache: Buffer): { soname: string; path: string; flags: number }[] {
  const bad = (message: string) => new LdCacheError('LDCACHE_MALFORMED', `ld.so.cache: ${message}`)
  if (cache.length < HEADER || cache.toString('latin1', 0, 20) !== MAGIC)
    throw bad(`does not start with ${MAGIC}`)
  const count = cache.readUInt32LE(20)
  if (HEADER + count * ENTRY + cache.readUInt32LE(24) > cache.length)
    throw bad(`${count} libraries do not fit ${cache.length} bytes`)
  const text = (at: number) => {
    const end = cache.indexOf(0, at)
    if (at >= cache.length || end < 0) throw bad(`a string at ${at} does not end`)
    return cache.toString('utf8', at, end)
  }
  return Array.from({ length: count }, (_, i) => {
    const at = HEADER + i * ENTRY
    return {
      flags: cache.readInt32LE(at),
      soname: text(cache.readUInt32LE(at + 4)),
      path: text(cache.readUInt32LE(at + 8)),
    }
  })
}

function flags({ machine, path }: Library): number {
  const value = FLAGS[machine]
  if (value === undefined)
    throw new LdCacheError('LDCACHE_MACHINE', `${path} is for ${machine}, no board has that`)
  return value
}

/** Strings sorted by their ends, longest first, so that one which ends another needs no room. */
function shareTails(texts: readonly string[]): { bytes: Buffer; offset(text: string): number } {
  const backwards = (text: string) => Buffer.from(text).reverse()
  const sorted = [...new Set(texts)]
    .map(text => ({ text, key: backwards(text) }))
    .sort((a, b) => {
      const n = Math.min(a.key.length, b.key.length)
      return (
        Buffer.compare(b.key.subarray(0, n), a.key.subarray(0, n)) || b.key.length - a.key.length
      )
    })
  const offsets = new Map<string, number>()
  const parts: string[] = []
  let end = 0
  for (const { text, key } of sorted) {
    const last = parts.at(-1)
    if (last?.endsWith(text)) offsets.set(text, end - 1 - key.length)
    else {
      offsets.set(text, end)
      parts.push(text)
      end += key.length + 1
    }
  }
  const bytes = Buffer.from(parts.map(text => `${text}\0`).join(''))
  return { bytes, offset: text => offsets.get(text)! }
}
