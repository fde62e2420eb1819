/**
 * Reads small files that others write (`/proc`, `/sys`, `/run`) as if they were hostile: only plain
 * files, only the first bytes, never blocking on a pipe, never following a link in the last place.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * Text of `path` below `root`, cut after `limit` bytes; undefined when it can't be read, whatever
 * the reason (sysfs answers EINVAL for the carrier of an interface that is down).
 *
 * @param limit  bytes, 4,096 by default.
 */
export function readFact(root: string, path: string, limit = 4096): string | undefined {
  let fd: number
  try {
    fd = openSync(join(root, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch {
    return undefined
  }
  try {
    if (!fstatSync(fd).isFile()) return undefined
    const bytes = Buffer.alloc(limit)
    let length = 0
    while (length < limit) {
      const read = readSync(fd, bytes, length, limit - length, null)
      if (read === 0) break
      length += read
    }
    return bytes.toString('latin1', 0, length)
  } catch {
    return undefined
  } finally {
    closeSync(fd)
  }
}

/** Names in the folder `path` below `root` that match `name`, sorted, at most `limit` of them. */
export function listFacts(root: string, path: string, name: RegExp, limit = 64): string[] {
  try {
    const names = readdirSync(join(root, path)).filter(each => name.test(each))
    return names.sort().slice(0, limit)
  } catch {
    return []
  }
}
