/** The node of a daemon: its directory, served on the socket and on standard input and output. */
import { existsSync } from 'node:fs'
import { systemRandom } from '../crypto/random.ts'
import { initDirectory, isFresh } from '../dir/init.ts'
import { openDirectory, type NodeDirectory } from '../dir/open.ts'
import { inside, type Place } from '../dir/place.ts'
import { tidying } from '../dir/tidy.ts'
import { serve } from '../rpc/serve.ts'
import { serviceOf } from '../rpc/service.ts'
import { serveSocket } from '../rpc/socket.ts'
import type { Io } from './command.ts'
import type { Log } from './log.ts'
import { size } from './progress.ts'

export type RunningNode = {
  /** Resolves, with why, when the input has ended and all is answered. */
  serveStdio(io: Io): Promise<string>
  close(graceMs: number): Promise<void>
}

/**
 * Opens the directory, which is made when it is missing or empty, and serves it. Without one that
 * somebody named, and as a service whose directory can't be opened, there is only the page: it is how
 * such a machine is mended.
 *
 * @throws {DirError}, {StoreError}, {CredentialError}, {RpcError}.
 */
export async function startNode({ path, by }: Place, log: Log): Promise<RunningNode> {
  if (by === 'usual' && !existsSync(path)) {
    log('no-directory', `there is no node directory at ${path}, only the page is served`)
    return NONE
  }
  try {
    return await start(path, log)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (by !== 'service' || code === 'STORE_HELD') throw error
    log('directory-failed', `the node directory can't be used: ${message}`, { code })
    return NONE
  }
}

const NONE: RunningNode = {
  serveStdio: async () => {
    throw new Error('--stdio needs a node directory: --dir DIR')
  },
  close: async () => {},
}

const LOOK_MS = 60_000

function keepTidy({ store }: NodeDirectory, log: Log): NodeJS.Timeout {
  const look = tidying(store)
  const onTurn = () =>
    look().then(
      done => {
        if (done && done.bytes > 0)
          log('collected', `freed ${size(done.bytes)} of what was replaced or removed`, done)
      },
      ({ code, message }: Error & { code?: string }) => {
        if (code !== 'STORE_CLOSED')
          log('collect-failed', `nothing was freed: ${message}`, { code })
      },
    )
  return setInterval(() => void onTurn(), LOOK_MS).unref()
}

async function start(path: string, log: Log): Promise<RunningNode> {
  if (isFresh(path)) {
    const principal = await initDirectory(path, systemRandom)
    log('made', `made the node directory ${path}`, { path, principal })
  }
  const directory = await openDirectory(path)
  let connections = () => 0
  const service = serviceOf(directory, () => connections())
  const options = { log: (event: string, says: string) => log(event, says) }
  try {
    const socket = await serveSocket(inside(path).socket, service, options)
    connections = socket.connections
    const { principal } = directory
    const tidying = keepTidy(directory, log)
    log('serving', `serving ${path} as ${principal}`, { path, principal })
    return {
      async serveStdio({ input, output }) {
        await serve({ input, output }, service, { ...options, atEnd: 'answer' }).ended
        return 'the input ended'
      },
      async close(graceMs) {
        clearInterval(tidying)
        await socket.close(graceMs)
        await directory.close()
      },
    }
  } catch (error) {
    await directory.close()
    throw error
  }
}
