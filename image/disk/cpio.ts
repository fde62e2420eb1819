/**
 * Writes a cpio archive in the `newc` format that the kernel unpacks as initramfs (kernel
 * documentation, "initramfs buffer format"): per file a header of 110 ASCII characters, the name
 * with a NUL, the contents, each padded with zeros to 4 bytes. Everything that could differ between
 * two builds is fixed: names sorted by bytes, owner 0:0, inode numbers counted, one time for all.
 */

export type CpioEntry = {
  /** Relative, without `./`; parents come before their children by sorting. */
  readonly path: string
  /** Type and permissions, as in `stat`: 0o100644 is a file, 0o040755 a folder, 0o120777 a link. */
  readonly mode: number
  /** Contents of a file, target of a link. */
  readonly data?: Uint8Array
  /** Major and minor number of a device node. */
  readonly device?: readonly [number, number]
}

export type CpioErrorCode = 'CPIO_BAD_ENTRY'

/** An entry that can't be written. */
export class CpioError extends Error {
  readonly code: CpioErrorCode = 'CPIO_BAD_ENTRY'
  override readonly name = 'CpioError'
}

/**
 * The bytes of an archive.
 *
 * @param time  seconds since 1970 that every entry gets.
 * @throws {CpioError} when a path is absolute, leaves the root, is empty or comes twice, when its
 *   parent is missing, or when contents are over 4 GiB - 1.
 */
export function writeCpio(entries: readonly CpioEntry[], time: number): Buffer {
  const sorted = entries
    .map(entry => ({ entry, key: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
  const folders = new Set([''])
  const parts: Uint8Array[] = []
  let before: string | undefined
  let inode = 1
  for (const { entry } of sorted) {
    check(entry, before, folders)
    if ((entry.mode & 0o170000) === 0o040000) folders.add(entry.path)
    parts.push(...record(entry, inode++, time))
    before = entry.path
  }
  parts.push(...record({ path: 'TRAILER!!!', mode: 0 }, 0, 0))
  return Buffer.concat(parts)
}

function record(entry: CpioEntry, inode: number, time: number): Uint8Array[] {
  const name = Buffer.from(entry.path + '\0')
  const data = entry.data ?? Buffer.alloc(0)
  const folder = (entry.mode & 0o170000) === 0o040000
  const fields = [
    inode,
    entry.mode,
    0, // uid
    0, // gid
    folder ? 2 : 1, // links
    time,
    data.length,
    0, // major and minor of the device it lies on
    0,
    entry.device?.[0] ?? 0,
    entry.device?.[1] ?? 0,
    name.length,
    0, // checksum, unused in this format
  ]
  const header = '070701' + fields.map(n => n.toString(16).padStart(8, '0').toUpperCase()).join('')
  return [
    Buffer.from(header),
    name,
    padding(header.length + name.length),
    data,
    padding(data.length),
  ]
}

function padding(length: number): Uint8Array {
  return Buffer.alloc(-length & 3)
}

function check(entry: CpioEntry, before: string | undefined, folders: ReadonlySet<string>): void {
  const { path, data } = entry
  const fail = (message: string) => {
    throw new CpioError(`initrd entry '${path}': ${message}`)
  }
  if (path === before) fail('is there twice, once expected')
  if (
    path.split('/').some(part => part === '' || part === '.' || part === '..') ||
    path.includes('\0')
  )
    fail('a relative path without empty, . or .. parts expected')
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  if (!folders.has(parent)) fail(`its folder '${parent}' is not in the archive`)
  if (data && data.length > 0xffffffff) fail(`${data.length} bytes, at most 4 GiB - 1 expected`)
}
