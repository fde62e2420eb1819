/**
 * Starts processes that never outlive this one. A child asks the kernel for SIGKILL at its
 * parent's death (`prctl(2)` PR_SET_PDEATHSIG, by way of `setpriv` from util-linux), and then looks
 * whether the parent died before it could ask: so even a SIGKILL of `bt` leaves nothing behind.
 */
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { start } from '../spawn.ts'

const CHECK = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"'

/** Characters of a child's standard error that are kept for messages: the last ones. */
const KEPT = 4000

export type Tied = {
  readonly child: ChildProcess
  /** The end of what it wrote to standard error so far, at most 4,000 characters. */
  said(): string
  /** Resolves when the process is gone and its standard error is read; never rejects. */
  readonly ended: Promise<{ readonly status: number | null; readonly signal: string | null }>
}

/**
 * Starts `program` tied to this process. `extra` are descriptors 3 and up: `'pipe'` makes a pair of
 * connected Unix sockets, whose near end is `child.stdio[n]`. Nothing is thrown when the program
 * can't be started: `ended` gives status 127 and `said()` the reason.
 */
export function startTied(
  program: string,
  args: readonly string[],
  extra: readonly (Extract<StdioOptions, unknown[]>[number] & {})[] = [],
): Tied {
  const line = ['--pdeathsig', 'KILL', '--', 'sh', '-c', CHECK, 'sh', `${process.pid}`, program]
  const child = start('setpriv', [...line, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', ...extra],
  })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', text => (said = (said + text).slice(-KEPT)))
  const ended = new Promise<{ status: number | null; signal: string | null }>(resolve => {
    child.once('error', error => {
      said = `${error.message}; setpriv is part of Debian's util-linux`
      resolve({ status: 127, signal: null })
    })
    child.once('exit', (status, signal) => {
      const done = () => resolve({ status, signal })
      if (child.stderr!.readableEnded) done()
      else child.stderr!.once('close', done)
    })
  })
  return { child, said: () => said, ended }
}
