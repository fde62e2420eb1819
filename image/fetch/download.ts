/**
 * Fetches pinned files by apt's own downloader (`apt-helper download-file`), which brings the
 * machine's proxy, TLS and mirror settings, several files over one connection, resuming (Range) and
 * size limits. Its word is not taken: the store checks every hash itself before a file counts.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { run } from '../spawn.ts'
import { FetchError } from './error.ts'
import type { Pin, Store } from './store.ts'

const HELPER = '/usr/lib/apt/apt-helper'

export type Wanted = {
  readonly uri: string
  readonly pin: Pin
  /** Bytes; exact when known. */
  readonly size?: number
  /** For messages. */
  readonly name: string
}

export type Failure = {
  readonly wanted: Wanted
  /** `gone`: the server has no such file. `altered`: what came is not what was pinned. */
  readonly why: 'gone' | 'altered' | 'unreachable'
  readonly detail: string
}

export type DownloadOptions = {
  readonly store: Store
  /** An apt.conf to use; default: the machine's. */
  readonly config?: string
  readonly signal?: AbortSignal
}

/** Files of unknown size end here: 4 GiB, in the 512-byte blocks of `ulimit -f`. */
const MAX_BLOCKS = 8 * 2 ** 20

/** At most this many on one command line. */
const BATCH = 200

/**
 * Brings every wanted file into the store; those that are there already cost one hash.
 *
 * @returns what could not be had; empty when all is there.
 * @throws {FetchError} `FETCH_DISK` when the disk is full.
 */
export function download(wanted: readonly Wanted[], options: DownloadOptions): Promise<Failure[]> {
  // One call at a time: recipes share packages, and one connection is as fast as several.
  const mine = last.then(() => downloadNow(wanted, options))
  last = mine.catch(() => {})
  return mine
}
let last: Promise<unknown> = Promise.resolve()

async function downloadNow(
  wanted: readonly Wanted[],
  options: DownloadOptions,
): Promise<Failure[]> {
  const { store } = options
  let missing: Wanted[] = []
  for (const one of new Map(wanted.map(one => [one.pin, one])).values())
    if (!(await store.has(one.pin))) missing.push(one)
  const failures = new Map<Wanted, Failure>()
  // The second round is for files whose taken-over part was of something else.
  for (let round = 1; round <= 2 && missing.length > 0; round++) {
    for (let i = 0; i < missing.length; i += BATCH)
      for (const failure of await fetchBatch(missing.slice(i, i + BATCH), options))
        failures.set(failure.wanted, failure)
    const failed = missing.filter(one => !existsSync(store.path(one.pin)))
    for (const one of missing) if (!failed.includes(one)) failures.delete(one)
    missing = failed.filter(one => failures.get(one)?.why === 'altered')
  }
  return [...failures.values()]
}

async function fetchBatch(batch: readonly Wanted[], options: DownloadOptions): Promise<Failure[]> {
  const { store, signal } = options
  const parts = await Promise.all(batch.map(one => store.partial(one.pin)))
  const args = batch.flatMap(({ uri, pin, size }, i) => [
    uri,
    parts[i]!,
    `${pin.slice(0, 6).toUpperCase()}:${pin.slice(7)}`,
    ...(size === undefined ? [] : [`Checksum-FileSize:${size}`]),
  ])
  const limited = batch.some(({ size }) => size === undefined) ? `ulimit -f ${MAX_BLOCKS}; ` : ''
  const env = { ...process.env, LC_ALL: 'C.UTF-8' } as Record<string, string | undefined>
  if (options.config) env['APT_CONFIG'] = options.config
  // Not `exec`, and always 0: what went wrong is read per file, and in full.
  const script = `${limited}"$0" -q -o APT::Sandbox::User=root download-file "$@"; exit 0`
  const { stderr: said } = await run('sh', ['-c', script, HELPER, ...args], {
    env,
    ...(signal && { signal }),
  })
  if (/No space left on device/.test(said))
    throw new FetchError('FETCH_DISK', 'the disk of the cache is full: free some, then try again')
  const failures: Failure[] = []
  for (const [i, one] of batch.entries()) {
    const part = parts[i]!
    await rm(`${part}.FAILED`, { force: true })
    const reason = reasonFor(said, one.uri)
    const altered = !reason && existsSync(part) && !(await store.take(part, one.pin))
    if (!reason && !altered && existsSync(store.path(one.pin))) continue
    failures.push({
      wanted: one,
      why:
        altered || /unexpected size|Hash Sum|more data than/.test(reason ?? '')
          ? 'altered'
          : /\b(?:404|410)\b|not found/i.test(reason ?? '')
            ? 'gone'
            : 'unreachable',
      detail: reason ?? (altered ? 'its hash is wrong' : said || 'apt said nothing'),
    })
  }
  return failures
}

/** apt's line about one file: `E: Failed to fetch URI  REASON [IP: …]`. */
function reasonFor(said: string, uri: string): string | undefined {
  for (const line of said.split('\n')) {
    const [, found, reason] = /^E: Failed to fetch (\S+) +(.*)$/.exec(line) ?? []
    if (found && decode(found) === decode(uri)) return reason!.replace(/ \[IP: [^\]]*\]$/, '')
  }
  return undefined
}

function decode(uri: string): string {
  try {
    return decodeURIComponent(uri)
  } catch {
    return uri
  }
}
