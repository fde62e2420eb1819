/** Replaces a file at once: a crash leaves the old one or the new one. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Mode 0600; on the disk when this returns. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const part = `${path}.${process.pid}.new`
  rmSync(part, { force: true })
  const fd = openSync(part, 'wx', 0o600)
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
  renameSync(part, path)
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
}
