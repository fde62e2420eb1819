/**
 * A tree: what a folder holds, as a sorted list of entries that has one digest. Owners are always
 * root and times are never kept, so the same contents give the same digest everywhere.
 *
 * Text of a tree: one JSON array a line, `[type, path, mode, size, sha256 | target]`, paths in byte
 * order, UTF-8. Its digest is the tree's digest.
 */
import { lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { digestOf, sha256, sha256File, type Digest } from './digest.ts'

export type Entry = {
  readonly type: 'dir' | 'file' | 'link'
  /** Relative, `/` between names, no leading dot or slash. */
  readonly path: string
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777; 0o777 for links. */
  readonly mode: number
  /** Bytes; 0 for folders. */
  readonly size: number
  /** SHA-256 in hex of a file, target of a link, empty for folders. */
  readonly content: string
}

export class ScanError extends Error {
  readonly code = 'SCAN_BAD_TYPE'
  constructor(message: string) {
    super(message)
    this.name = 'ScanError'
  }
}

/** Lists a folder, hashing every file. @throws {ScanError} on sockets, pipes and devices. */
export function scan(folder: string): Entry[] {
  return walk(folder).map(({ path, stat }) => {
    const full = join(folder, path)
    const mode = Number(stat.mode) & 0o7777
    if (stat.isDirectory()) return { type: 'dir', path, mode, size: 0, content: '' }
    if (stat.isSymbolicLink()) {
      const target = readlinkSync(full)
      return { type: 'link', path, mode: 0o777, size: Buffer.byteLength(target), content: target }
    }
    if (!stat.isFile())
      throw new ScanError(`${full} is neither a file, a folder nor a link: remove it in a step`)
    return { type: 'file', path, mode, size: Number(stat.size), content: sha256File(full) }
  })
}

export function treeText(entries: readonly Entry[]): string {
  const row = (e: Entry) => `${JSON.stringify([e.type, e.path, e.mode, e.size, e.content])}\n`
  return entries.map(row).join('')
}

export function treeDigest(entries: readonly Entry[]): Digest {
  return digestOf(treeText(entries))
}

/**
 * A hash over what the file system says of every file (size, mode, inode, change time): equal
 * stamps mean that nobody has touched the folder since, without reading a byte of it.
 */
export function stamp(folder: string): string {
  return sha256(
    walk(folder)
      .map(({ path, stat: s }) =>
        s.isDirectory() ? `${path} ${s.mode}` : `${path} ${s.mode} ${s.size} ${s.ino} ${s.ctimeNs}`,
      )
      .join('\n'),
  )
}

/** Every path below a folder with what the file system says of it, in byte order of the paths. */
export function walk(folder: string): { path: string; stat: BigIntStats }[] {
  const found: { path: string; stat: BigIntStats; key: Buffer }[] = []
  const visit = (path: string) => {
    for (const item of readdirSync(`${folder}/${path}`, { withFileTypes: true })) {
      const inner = path === '' ? item.name : `${path}/${item.name}`
      const stat = lstatSync(`${folder}/${inner}`, { bigint: true })
      found.push({ path: inner, stat, key: Buffer.from(inner) })
      if (item.isDirectory()) visit(inner)
    }
  }
  visit('')
  return found.sort((a, b) => Buffer.compare(a.key, b.key))
}
