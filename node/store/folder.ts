/** The folder of a store, made so that it is still there when the power goes. */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { named } from './data-file.ts'

/** @throws {StoreError} `STORE_IO`, `STORE_FULL`. */
export function makeFolder(folder: string): void {
  try {
    const first = mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (first !== undefined) flushFolder(dirname(first))
  } catch (error) {
    throw named(folder, error)
  }
}

/** What names the folder holds is on the disk when this returns. */
export function flushFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
