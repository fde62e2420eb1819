/** Writes a file that must not be half there, nor replace one, nor be read by others. */
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes `path` with `bytes`, mode 0600, on the disk when this returns; its folder with mode 0700 if
 * there is none.
 *
 * @returns false when `path` is there already, which is then as it was.
 */
export function writeNew(path: string, bytes: Uint8Array): boolean {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const part = `${path}.${process.pid}.new`
  rmSync(part, { force: true })
  const fd = openSync(part, 'wx', 0o600)
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
    if (!placeNew(part, path)) return false
  } finally {
    closeSync(fd)
    rmSync(part, { force: true })
  }
  const parent = openSync(folder, 'r')
  fsyncSync(parent)
  closeSync(parent)
  return true
}

/**
 * Gives the file `part` the name `path`, which is not there yet.
 *
 * @returns false when `path` is there already; `part` is left, for the caller to remove.
 */
export function placeNew(part: string, path: string): boolean {
  try {
    // A rename would replace what another process made in the meantime; a second name does not.
    linkSync(part, path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (!NO_LINKS.has(code)) throw error
  }
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  renameSync(part, path)
  return true
}

/** What file systems say that have no second names, as those of memory sticks. */
const NO_LINKS = new Set<string | undefined>(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])
