/** `blocktree node run`: the daemon. Listens, tells systemd, answers until it is told to end. */
import type { AddressInfo } from 'node:net'
import { DEFAULT_PLACE, parsePlace, type Place } from '../http/place.ts'
import { probe } from '../http/probe.ts'
import type { Listening } from '../http/server.ts'
import type { Notifier } from '../systemd/notify.ts'
import type { Command } from './command.ts'
import type { Log } from './log.ts'
import { logTo } from './log.ts'
import { LineError } from './parse.ts'
import { DIR, placeFor } from './reach.ts'

/** How long running answers may take at the end, and the node's own check of itself. */
const GRACE_MS = 3_000
const CHECK_MS = 5_000

export type RunParts = {
  /** Descriptors that systemd passed. */
  passed(): number[]
  serve(places: readonly Place[]): Promise<Listening>
  readonly notifier: Notifier
}

export function runVerb(parts: () => RunParts): Command {
  return {
    words: ['node', 'run'],
    about: 'Run the node: serve its directory and the status page until told to end.',
    more: [
      'The directory is made when there is none yet and one is named. Verbs reach the node by its ' +
        'socket; nobody but its owner can. SIGTERM and Ctrl-C end it.',
    ],
    options: [
      {
        name: 'listen',
        value: 'HOST:PORT',
        about: `Where the page is; default: the socket systemd passed, else ${DEFAULT_PLACE}.`,
      },
      {
        name: 'stdio',
        about: 'Serve JSON-RPC on standard input and output too, and end with the input; no page.',
      },
      DIR,
    ],
    examples: [
      ['blocktree node run', 'serves the page on the passed socket, or on this machine only'],
      ['blocktree node run --listen [::]:8080', 'serves it on every address, port 8080'],
      ['blocktree node run --dir /srv/node --stdio', 'for a program that speaks JSON-RPC to it'],
    ],
    async run(call) {
      const { values, json, io } = call
      const listen = values['listen']
      const asked = typeof listen === 'string' ? parsePlace(listen) : undefined
      if (listen !== undefined && !asked)
        throw new LineError(
          'LINE_VALUE',
          `--listen is '${listen}', HOST:PORT expected, e.g. ${DEFAULT_PLACE}`,
        )
      const stdio = values['stdio'] === true
      const log = logTo(io, json || stdio)
      const { passed, serve, notifier } = parts()
      const fds = passed()
      const usual = stdio ? [] : [parsePlace(DEFAULT_PLACE)!]
      const places = asked ? [asked] : fds.length > 0 ? fds.map(fd => ({ fd })) : usual
      const { startNode } = await import('./daemon.ts')
      const node = await startNode(await placeFor(call), log)
      try {
        const page = places.length > 0 ? await serve(places) : undefined
        for (const address of page?.addresses ?? [])
          log('listening', `listening on ${show(address)}`, { url: show(address) })
        const unwatch = watchdog(notifier, page, log)
        const told = new Promise<string>(resolve =>
          io.signal.addEventListener('abort', () => resolve(String(io.signal.reason.message))),
        )
        await notifier.ready()
        const ends = [told, ...(stdio ? [node.serveStdio(io)] : [])]
        log('ending', `${await Promise.race(ends)}: ending`)
        unwatch()
        await Promise.all([notifier.stopping(), page?.close(GRACE_MS)])
      } finally {
        await node.close(GRACE_MS)
      }
      return 0
    },
  }
}

function watchdog(notifier: Notifier, page: Listening | undefined, log: Log): () => void {
  if (!page) return () => {}
  const self = reach(page.addresses[0]!)
  return notifier.watch(
    () => probe(self, '/healthz', CHECK_MS),
    error => log('watchdog', `watchdog not fed: ${(error as Error).message}`),
  )
}

/** Where to reach a socket from here: one bound to every address answers on the loopback. */
function reach({ address, port }: AddressInfo): { host: string; port: number } {
  const host = address === '::' ? '::1' : address === '0.0.0.0' ? '127.0.0.1' : address
  return { host, port }
}

function show({ address, port }: AddressInfo): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}/`
}
