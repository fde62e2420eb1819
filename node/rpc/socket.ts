/** The socket of a node directory: who may reach it is decided by its mode, 0600 in a folder of 0700. */
import { chmodSync, closeSync, constants, openSync, rmSync } from 'node:fs'
import { connect as connectNet, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { basename, dirname } from 'node:path'
import { Client } from './client.ts'
import { RpcError } from './error.ts'
import { LIMITS, type Limits } from './limits.ts'
import type { Service } from './protocol.ts'
import { serve, type Served, type ServeOptions } from './serve.ts'
import { pipeOf } from './wire.ts'

/** What the kernel takes as the path of a socket, in bytes, with a zero at the end. */
const PATH_BYTES_MAX = 107

export type ServedSocket = {
  /** Connections there are. */
  readonly connections: () => number
  /** Bytes that came and went over those. */
  readonly moved: () => number
  /** Takes no more connections and ends those there are, at most `graceMs` after it was called. */
  readonly close: (graceMs: number) => Promise<void>
}

/**
 * Serves at `path`. A socket that is left there from before is replaced: whoever calls this holds the
 * folder.
 *
 * @throws {RpcError} `RPC_SOCKET` when nobody can listen there.
 */
export async function serveSocket(
  path: string,
  service: Service,
  options: ServeOptions = {},
): Promise<ServedSocket> {
  const { limits = LIMITS } = options
  const all = new Set<Served>()
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, socket => {
    if (all.size >= limits.connections) return refuse(socket, limits)
    const served = serve(pipeOf(socket), service, options)
    all.add(served)
    sockets.add(socket)
    void served.ended.then(() => {
      all.delete(served)
      sockets.delete(socket)
    })
  })
  rmSync(path, { force: true })
  const short = shortened(path)
  try {
    server.listen(short.path)
    await once(server, 'listening')
    chmodSync(path, 0o600)
  } catch (error) {
    throw new RpcError('RPC_SOCKET', `${path}: no socket can be made: ${(error as Error).message}`)
  } finally {
    short.free()
  }
  return {
    connections: () => all.size,
    moved: () => [...sockets].reduce((sum, one) => sum + one.bytesRead + one.bytesWritten, 0),
    async close(graceMs) {
      server.close()
      rmSync(path, { force: true })
      const ends = Promise.all([...all].map(({ ended }) => ended))
      for (const served of all) served.close()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise(resolve => (timer = setTimeout(resolve, graceMs)))
      await Promise.race([ends, late])
      clearTimeout(timer)
    },
  }
}

/** @throws {RpcError} `RPC_SOCKET` when nobody listens at `path`. */
export async function connect(path: string, limits: Limits = LIMITS): Promise<Client> {
  const short = shortened(path)
  const socket = connectNet({ path: short.path, allowHalfOpen: true })
  try {
    await once(socket, 'connect')
    return new Client(pipeOf(socket), limits)
  } catch (error) {
    socket.destroy()
    throw new RpcError('RPC_SOCKET', `no node answers at ${path}: ${(error as Error).message}`)
  } finally {
    short.free()
  }
}

function refuse(socket: Socket, limits: Limits): void {
  const busy = new RpcError('RPC_BUSY', `${limits.connections} connections are open: close one`)
  const error = { code: -32000, message: busy.message, data: { code: busy.code } }
  const body = JSON.stringify({ jsonrpc: '2.0', id: null, error })
  socket.on('error', () => {})
  socket.end(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy())
}

/** A path too long for the kernel is reached through its folder, opened. */
function shortened(path: string): { readonly path: string; free(): void } {
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return { path, free() {} }
  try {
    const fd = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
    return { path: `/proc/self/fd/${fd}/${basename(path)}`, free: () => closeSync(fd) }
  } catch {
    return { path, free() {} }
  }
}
