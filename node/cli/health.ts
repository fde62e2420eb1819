/**
 * `blocktree health`: whether this boot is a good one. systemd asks before `boot-complete.target`;
 * a no leads to a reboot, and after three of them the boot loader takes the other slot.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_PLACE, parsePlace } from '../http/place.ts'
import { probe } from '../http/probe.ts'
import type { Command } from './command.ts'
import { LineError } from './parse.ts'

const ATTEMPT_MS = 5_000
const PAUSE_MS = 250
const PATHS = ['/healthz', '/', '/api/status']

export type HealthParts = {
  /** Failed units of the system; none on a machine without systemd. */
  failedUnits(): Promise<readonly string[]>
}

export function healthVerb(parts: HealthParts): Command {
  return {
    words: ['health'],
    about: 'Exit with 0 when the page answers and no unit of the system failed.',
    options: [
      {
        name: 'at',
        value: 'HOST:PORT',
        about: `Where the node listens; default ${DEFAULT_PLACE}.`,
      },
      { name: 'within', value: 'SECONDS', about: 'How long to wait for the page; default 20.' },
    ],
    examples: [
      ['blocktree health', 'waits for the page at most 20 seconds'],
      ['blocktree health --at 127.0.0.1:80 --within 60', 'what the system asks at each boot'],
    ],
    async run({ values, json, io }) {
      const place = parsePlace(String(values['at'] ?? DEFAULT_PLACE))
      const within = String(values['within'] ?? '20')
      if (!place || !/^\d{1,4}$/.test(within)) {
        throw new LineError(
          'LINE_VALUE',
          '--at is HOST:PORT and --within is a number of seconds up to 9999',
        )
      }
      const why = await wrong(place, Number(within) * 1000, parts)
      if (json) io.out(JSON.stringify({ healthy: why === undefined, ...(why && { why }) }))
      else if (why === undefined) io.out('healthy')
      if (why !== undefined) io.err(`not healthy: ${why}`)
      return why === undefined ? 0 : 1
    },
  }
}

async function wrong(
  place: { host: string; port: number },
  withinMs: number,
  { failedUnits }: HealthParts,
): Promise<string | undefined> {
  try {
    await answering(place, withinMs)
  } catch (error) {
    return (error as Error).message
  }
  const failed = await failedUnits()
  return failed.length > 0 ? `failed units: ${failed.join(', ')}` : undefined
}

async function answering(place: { host: string; port: number }, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs
  for (;;) {
    try {
      for (const path of PATHS) await probe(place, path, ATTEMPT_MS)
      return
    } catch (error) {
      if (performance.now() > end) throw error
      await sleep(PAUSE_MS)
    }
  }
}
