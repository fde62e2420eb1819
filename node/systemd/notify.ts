/**
 * Tells systemd how the node is (sd_notify(3)): ready, stopping, alive. Node has no datagram Unix
 * sockets, so `systemd-notify` carries the message; the unit says `NotifyAccess=all` for that.
 */
import { runProgram } from './program.ts'

type Run = (name: string, args: readonly string[]) => Promise<unknown>

/** Does nothing when `NOTIFY_SOCKET` is unset, that is, when systemd didn't start us. */
export class Notifier {
  readonly #listening: boolean
  readonly #run: Run
  /** Milliseconds between two signs of life: half of `WATCHDOG_USEC`; undefined without watchdog. */
  readonly interval: number | undefined

  constructor(env: NodeJS.ProcessEnv, pid: number, run: Run = runProgram) {
    this.#listening = Boolean(env['NOTIFY_SOCKET'])
    this.#run = run
    this.interval = this.#listening ? watchdogInterval(env, pid) : undefined
  }

  /** The node listens. */
  ready(): Promise<void> {
    return this.#send('READY=1')
  }

  /** The node was told to end. */
  stopping(): Promise<void> {
    return this.#send('STOPPING=1')
  }

  /**
   * Feeds the watchdog whenever `check` resolves, each {@link interval}; a check that rejects or
   * hangs feeds nothing, and systemd then ends the node. Gives a function that stops it.
   *
   * @param failed  told why the watchdog was not fed.
   */
  watch(check: () => Promise<unknown>, failed: (error: unknown) => void): () => void {
    if (this.interval === undefined) return () => {}
    let busy = false
    const timer = setInterval(() => {
      if (busy) return
      busy = true
      check()
        .then(() => this.#send('WATCHDOG=1'))
        .catch(failed)
        .finally(() => (busy = false))
    }, this.interval)
    return () => clearInterval(timer)
  }

  async #send(message: string): Promise<void> {
    if (this.#listening) await this.#run('systemd-notify', [message])
  }
}

function watchdogInterval(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  const { WATCHDOG_USEC: usec = '', WATCHDOG_PID: meant } = env
  if (meant !== undefined && meant !== String(pid)) return undefined
  if (!/^[1-9]\d{3,15}$/.test(usec)) return undefined
  return Math.min(Math.floor(Number(usec) / 2000), 2 ** 31 - 1)
}
