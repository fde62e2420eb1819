/** Removes folders that recipes filled, also those whose modes keep their owner out. */
import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Removes a file or a folder with all below it, if it is there. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code!))
      throw error
    open(path)
    rmSync(path, { recursive: true, force: true })
  }
}

function open(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return
  chmodSync(folder, 0o700)
  for (const name of readdirSync(folder)) open(join(folder, name))
}
