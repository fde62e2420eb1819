/**
 * Puts members of archives into a folder and nowhere else: no path leaves it, none passes through a
 * link, nothing that is there is overwritten. Modes don't depend on the umask; owners are not kept.
 * Archives may be placed at the same time: what comes out does not depend on which was faster.
 */
import { createHash, type Hash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { UnpackError } from './error.ts'
import type { Member, Sink } from './tar.ts'

/** Where members come from: its name for messages, its rank among the archives of one call. */
export type Origin = { readonly name: string; readonly rank: number }

type Again = { path: string; mode: number; mtime: number; hash: string; origin: Origin }

export class Placer {
  readonly #root: string
  /** Real folders below the root; a mode is set when all is unpacked. */
  readonly #dirs = new Map<string, { mode: number | undefined; rank: number }>()
  readonly #owners = new Map<string, Origin>()
  /** Files that were there already, to be compared when all is written. */
  readonly #again: Again[] = []

  /** @param root  Absolute; made when it is not there. */
  constructor(root: string) {
    this.#root = root
    mkdirSync(root, { recursive: true })
    this.#dirs.set('', { mode: undefined, rank: -1 })
  }

  /**
   * @param path  The member's path as {@link inside} gives it.
   * @returns what takes the bytes of a file.
   * @throws {UnpackError} `UNPACK_ESCAPES`, `UNPACK_CONFLICT`.
   */
  add(member: Member, path: string, origin: Origin): Sink | undefined {
    if (member.type === 'dir') {
      if (path !== '') this.#folder(path, member.mode, origin)
      return undefined
    }
    if (path === '')
      throw new UnpackError('UNPACK_ESCAPES', `${member.path} would replace the folder itself`)
    this.#folder(dirname(path) === '.' ? '' : dirname(path), undefined, origin)
    if (member.type === 'file') return this.#file(member, path, origin)
    try {
      if (member.type === 'symlink') symlinkSync(member.target, join(this.#root, path))
      else linkSync(join(this.#root, this.#linked(member, path)), join(this.#root, path))
      this.#owners.set(path, origin)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (!this.#sameLink(member, path)) throw this.#conflict(path, origin)
    }
    return undefined
  }

  /** Call once all archives are in. @throws {UnpackError} `UNPACK_CONFLICT`. */
  finish(): void {
    for (const { path, mode, mtime, hash, origin } of this.#again) {
      const full = join(this.#root, path)
      const stat = lstatSync(full)
      const same = stat.isFile() && (stat.mode & 0o7777) === mode && hashFile(full) === hash
      if (!same) throw this.#conflict(path, origin)
      if (mtime < stat.mtimeMs / 1000) utimesSync(full, mtime, mtime)
    }
    // Deepest first: a folder that may not be written is closed after what is in it.
    for (const [path, { mode }] of [...this.#dirs].reverse())
      if (mode !== undefined) chmodSync(join(this.#root, path), mode)
  }

  #folder(path: string, mode: number | undefined, origin: Origin): void {
    const known = this.#dirs.get(path)
    if (known === undefined) {
      const parent = dirname(path)
      this.#folder(parent === '.' ? '' : parent, undefined, origin)
      const full = join(this.#root, path)
      let made = true
      try {
        mkdirSync(full)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        if (!lstatSync(full).isDirectory()) throw this.#conflict(path, origin)
        made = false
      }
      const rank = mode === undefined ? Infinity : origin.rank
      this.#dirs.set(path, { mode: mode ?? (made ? 0o755 : undefined), rank })
    } else if (mode !== undefined && origin.rank < known.rank) {
      this.#dirs.set(path, { mode, rank: origin.rank })
    }
    this.#owners.set(path, this.#owners.get(path) ?? origin)
  }

  #file(member: Member, path: string, origin: Origin): Sink {
    let fd: number
    try {
      // Exclusive: never follows a link, never touches what is there.
      fd = openSync(join(this.#root, path), 'wx', 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return this.#compared(member, path, origin)
    }
    this.#owners.set(path, origin)
    return {
      write(bytes) {
        for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
      },
      end() {
        futimesSync(fd, member.mtime, member.mtime)
        fchmodSync(fd, member.mode)
        closeSync(fd)
      },
    }
  }

  #compared({ mode, mtime }: Member, path: string, origin: Origin): Sink {
    const hash: Hash = createHash('sha256')
    return {
      write: bytes => void hash.update(bytes),
      end: () => void this.#again.push({ path, mode, mtime, hash: hash.digest('hex'), origin }),
    }
  }

  /** A hard link's target: a path of the same archive, so inside, and not through a link. */
  #linked(member: Member, path: string): string {
    const target = inside(member.target)
    const folder = dirname(target) === '.' ? '' : dirname(target)
    const stat = lstatSync(join(this.#root, target), { throwIfNoEntry: false })
    if (!this.#dirs.has(folder) || !stat || stat.isDirectory())
      throw new UnpackError(
        'UNPACK_ESCAPES',
        `${path} is a hard link to ${member.target}, no member`,
      )
    return target
  }

  #sameLink(member: Member, path: string): boolean {
    const full = join(this.#root, path)
    const there = lstatSync(full)
    if (member.type === 'symlink')
      return there.isSymbolicLink() && readlinkSync(full) === member.target
    const target = join(this.#root, this.#linked(member, path))
    const stat = lstatSync(target)
    return stat.ino === there.ino || (there.isFile() && hashFile(full) === hashFile(target))
  }

  #conflict(path: string, origin: Origin): UnpackError {
    const first = this.#owners.get(path)
    const [a, b] = [first?.name ?? 'what was in the folder before', origin.name].sort()
    return new UnpackError(
      'UNPACK_CONFLICT',
      `${path} comes from ${a} and, differently, from ${b}: leave one of them out`,
    )
  }
}

function hashFile(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/**
 * A member's path as names joined by `/`, without `.`; empty for the top itself.
 *
 * @throws {UnpackError} `UNPACK_ESCAPES` when it is absolute or has `..`.
 */
export function inside(path: string): string {
  const names = path.split('/')
  if (path.startsWith('/') || names.includes('..') || path.includes('\0'))
    throw new UnpackError('UNPACK_ESCAPES', `${JSON.stringify(path)} leads out of the folder`)
  return names.filter(name => name !== '' && name !== '.').join('/')
}
