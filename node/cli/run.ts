/** `blocktree node run`: the daemon. Listens, tells systemd, answers until it is told to end. */
import type { AddressInfo } from 'node:net'
import { DEFAULT_PLACE, parsePlace, type Place } from '../http/place.ts'
import { probe } from '../http/probe.ts'
import type { Listening } from '../http/server.ts'
import type { Notifier } from '../systemd/notify.ts'
import type { Command } from './command.ts'

/** How long running answers may take at the end, and the node's own check of itself. */
const GRACE_MS = 3_000
const CHECK_MS = 5_000

export type RunParts = {
  /** Descriptors that systemd passed. */
  passed(): number[]
  serve(places: readonly Place[]): Promise<Listening>
  readonly notifier: Notifier
  /** Resolves with the signal's name when the node shall end. */
  untilTold(): Promise<string>
}

export function runVerb(parts: () => RunParts): Command {
  return {
    words: ['node', 'run'],
    about: 'Run the node: serve the status page until told to end (SIGTERM, Ctrl-C).',
    options: [
      {
        name: 'listen',
        value: 'HOST:PORT',
        about: `Where to listen; default: the socket systemd passed, else ${DEFAULT_PLACE}.`,
      },
    ],
    examples: [
      ['blocktree node run', 'serves the page on the passed socket, or on this machine only'],
      ['blocktree node run --listen [::]:8080', 'serves it on every address, port 8080'],
    ],
    async run(values, io) {
      const asked = typeof values['listen'] === 'string' ? parsePlace(values['listen']) : undefined
      if (values['listen'] !== undefined && !asked) {
        io.err(`--listen is '${values['listen']}', HOST:PORT expected, e.g. ${DEFAULT_PLACE}`)
        return 2
      }
      const { passed, serve, notifier, untilTold } = parts()
      const told = untilTold()
      const fds = passed()
      const places = asked ? [asked] : fds.length > 0 ? fds.map(fd => ({ fd })) : undefined
      const listening = await serve(places ?? [parsePlace(DEFAULT_PLACE)!])
      for (const address of listening.addresses) io.err(`listening on ${show(address)}`)
      const self = reach(listening.addresses[0]!)
      const unwatch = notifier.watch(
        () => probe(self, '/healthz', CHECK_MS),
        error => io.err(`watchdog not fed: ${(error as Error).message}`),
      )
      await notifier.ready()
      io.err(`${await told}: ending`)
      unwatch()
      await Promise.all([notifier.stopping(), listening.close(GRACE_MS)])
      return 0
    },
  }
}

/** Where to reach a socket from here: one bound to every address answers on the loopback. */
function reach({ address, port }: AddressInfo): { host: string; port: number } {
  const host = address === '::' ? '::1' : address === '0.0.0.0' ? '127.0.0.1' : address
  return { host, port }
}

function show({ address, port }: AddressInfo): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}/`
}
