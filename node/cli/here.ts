/** A node inside this process, for a verb that finds no daemon; others that come meanwhile share it. */
import { duplexPair } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDirectory, type DirectoryOptions } from '../dir/open.ts'
import { inside } from '../dir/place.ts'
import { Client } from '../rpc/client.ts'
import { serve } from '../rpc/serve.ts'
import { serviceOf } from '../rpc/service.ts'
import { serveSocket, type ServedSocket } from '../rpc/socket.ts'
import { pipeOf } from '../rpc/wire.ts'
import type { Io } from './command.ts'

/** @throws {DirError}, {StoreError}, {CredentialError} as opening a directory does; {RpcError}. */
export async function openHere(
  path: string,
  io: Pick<Io, 'later' | 'signal' | 'tty' | 'err'>,
  options: DirectoryOptions = {},
) {
  const directory = await openDirectory(path, options)
  const service = serviceOf(directory)
  const log = (event: string, detail: string) => {
    if (event === 'RPC_INTERNAL') process.stderr.write(`${detail}\n`)
  }
  const socket = await serveSocket(inside(path).socket, service, { log }).catch(async error => {
    await directory.close()
    throw error
  })
  const [here, there] = duplexPair()
  const { ended } = serve(pipeOf(there), service, { log })
  const client = new Client(pipeOf(here))
  const end = async () => {
    await socket.close(0)
    await directory.close()
  }
  const outlast = async (isPiped: boolean) => {
    if (io.tty)
      io.err('blocktree: done; ends when others that work on this node directory are done')
    await othersDone(socket, io.signal, isPiped)
    await end()
  }
  return {
    client,
    async close() {
      there.destroy()
      await ended
      if (socket.connections() > 0 && !io.signal.aborted) io.later(outlast)
      else await end()
    },
  }
}

const LOOK_MS = 20
/** Without a byte moving, when whoever waits for the end of a pipe from here may be one of the others. */
const SILENT_MS = 5_000

/** Others began while this verb ran, and rely on it: resolves when the last one is done. */
async function othersDone(
  socket: ServedSocket,
  signal: AbortSignal,
  isPiped: boolean,
): Promise<void> {
  let moved = -1
  let since = performance.now()
  while (socket.connections() > 0 && !signal.aborted) {
    const now = performance.now()
    if (socket.moved() !== moved) [moved, since] = [socket.moved(), now]
    else if (isPiped && now - since > SILENT_MS) return
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
  }
}
