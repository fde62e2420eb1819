/**
 * Downloads, kept under the hash they were pinned by: `downloads/sha256/<hex>`,
 * `downloads/sha512/<hex>`. A file gets there by a rename after its hash was checked, and is checked
 * again each time it is asked for, so what is given out is always what was pinned. What is under
 * way lies in `downloads/partial/<hash>.<pid>`; a dead process's part is taken over and continued.
 */
import { createHash } from 'node:crypto'
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
} from 'node:fs/promises'
import { join } from 'node:path'
import { CACHE } from '../paths.ts'

/** A pinned hash, `sha256:HEX` or `sha512:HEX`. */
export type Pin = `sha256:${string}` | `sha512:${string}`

export type Store = {
  /** Where the file with this hash is or would be. Absolute. */
  path(pin: Pin): string
  /** Its path when it is there and its bytes are right; a wrong one is removed. */
  has(pin: Pin): Promise<string | undefined>
  /** A file to download to; holds what an earlier, interrupted run left of it. */
  partial(pin: Pin): Promise<string>
  /** Moves `file` into the store, or removes it and says false when its hash is not `pin`. */
  take(file: string, pin: Pin): Promise<boolean>
}

export function openStore(folder = join(CACHE, 'downloads')): Store {
  const path = (pin: Pin) => join(folder, pin.replace(':', '/'))
  return {
    path,
    async has(pin) {
      const file = path(pin)
      const stat = await lstat(file).catch(() => undefined)
      if (!stat) return undefined
      if (stat.isFile() && (await hashOf(file, pin)) === pin) return file
      await rm(file, { recursive: true, force: true })
      return undefined
    },
    async partial(pin) {
      const parts = join(folder, 'partial')
      await mkdir(parts, { recursive: true })
      const name = pin.replace(':', '-')
      const mine = join(parts, `${name}.${process.pid}`)
      for (const entry of await readdir(parts)) {
        if (!entry.startsWith(`${name}.`) || join(parts, entry) === mine) continue
        const owner = Number(entry.slice(name.length + 1))
        // Renaming is how two heirs settle who continues; the loser starts anew.
        if (!alive(owner)) await rename(join(parts, entry), mine).catch(() => {})
      }
      return mine
    },
    async take(file, pin) {
      // apt links to files of a `file:` archive instead of copying them.
      if ((await lstat(file)).isSymbolicLink()) {
        const real = await realpath(file)
        await rm(file)
        await copyFile(real, file)
      }
      if ((await hashOf(file, pin)) !== pin) {
        await rm(file, { force: true })
        return false
      }
      await chmod(file, 0o444)
      await mkdir(join(path(pin), '..'), { recursive: true })
      await rename(file, path(pin))
      return true
    },
  }
}

/** Bytes read at a time. */
const PIECE = 1 << 18

async function hashOf(file: string, pin: Pin): Promise<string> {
  const kind = pin.slice(0, pin.indexOf(':'))
  const hash = createHash(kind)
  const opened = await open(file)
  try {
    // One buffer for all of it: a stream takes new ones, and the garbage collector is kept busy.
    const buffer = Buffer.allocUnsafe(PIECE)
    for (;;) {
      const { bytesRead } = await opened.read(buffer, 0, PIECE, null)
      if (bytesRead === 0) break
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await opened.close()
  }
  return `${kind}:${hash.digest('hex')}`
}

function alive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
