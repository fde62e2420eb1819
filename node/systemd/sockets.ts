/**
 * Sockets handed over by systemd (sd_listen_fds(3)): descriptors 3 and up, `LISTEN_FDS` of them,
 * meant for the process `LISTEN_PID` and nobody it starts.
 */
import { fstatSync } from 'node:fs'

export class SocketsError extends Error {
  readonly code: 'SOCKETS_COUNT' | 'SOCKETS_NOT_A_SOCKET'
  constructor(code: SocketsError['code'], message: string) {
    super(message)
    this.name = 'SocketsError'
    this.code = code
  }
}

const FIRST = 3
const MOST = 8

/**
 * Descriptors passed to this process; none when the variables are absent or meant for another.
 * Takes the variables out of `env`, so that children don't believe they are meant.
 *
 * @throws {SocketsError} `SOCKETS_COUNT` not a number from 0 to 8; `SOCKETS_NOT_A_SOCKET`.
 */
export function passedSockets(env: NodeJS.ProcessEnv, pid: number): number[] {
  const { LISTEN_PID: meant, LISTEN_FDS: count } = env
  delete env['LISTEN_PID']
  delete env['LISTEN_FDS']
  delete env['LISTEN_FDNAMES']
  if (meant !== String(pid) || count === undefined) return []
  if (!/^[0-8]$/.test(count))
    throw new SocketsError('SOCKETS_COUNT', `LISTEN_FDS is '${count}', 0 to ${MOST} expected`)
  const fds = Array.from({ length: Number(count) }, (_, index) => FIRST + index)
  for (const fd of fds) {
    if (!isSocket(fd))
      throw new SocketsError(
        'SOCKETS_NOT_A_SOCKET',
        `descriptor ${fd} is no socket, though LISTEN_FDS is ${count}; look at blocktree.socket`,
      )
  }
  return fds
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket()
  } catch {
    return false
  }
}
