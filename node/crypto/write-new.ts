/** Writes a file that must not be half there, nor replace one, nor be read by others. */
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
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
    // A rename would replace what another process made in the meantime; a second name does not.
    linkSync(part, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    closeSync(fd)
    rmSync(part, { force: true })
  }
  const parent = openSync(folder, 'r')
  fsyncSync(parent)
  closeSync(parent)
  return true
}
