/** Who has a store open: the kernel's lock decides (see `sqlite.ts`), a file says the pid. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StoreError } from './error.ts'
import { Database } from './sqlite.ts'

/** Tries to read a pid that its owner has only just begun to write. */
const TRIES = 10
const WAIT_MS = 30

/**
 * Opens `store.db` in `folder`, as the only one.
 *
 * @throws {StoreError} `STORE_HELD`, and those of {@link Database}.
 */
export async function hold(folder: string): Promise<Database> {
  const file = join(folder, 'holder')
  for (let tries = 1; ; tries++)
    try {
      const db = new Database(join(folder, 'store.db'))
      writeFileSync(file, `${process.pid}\n`, { mode: 0o600 })
      return db
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'STORE_HELD') throw error
      const pid = livePid(file)
      if (pid === undefined && tries < TRIES) {
        await new Promise(resolve => setTimeout(resolve, WAIT_MS))
        continue
      }
      const who =
        pid === undefined
          ? 'another process'
          : pid === process.pid
            ? `this process (${pid})`
            : `process ${pid}`
      throw new StoreError('STORE_HELD', `${folder} is held by ${who}: end it first`, {
        cause: error,
      })
    }
}

function livePid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    if (!Number.isInteger(pid) || pid < 1) return undefined
    process.kill(pid, 0)
    return pid
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EPERM' ? Number(readFileSync(file, 'utf8')) : undefined
  }
}
