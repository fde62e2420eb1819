/** `blocktree versions`: what two who wrote a file at the same time have left, and which one counts. */
import type { Client } from '../rpc/client.ts'
import type { FileVersionInfo } from '../tree/versions.ts'
import type { Command } from './command.ts'
import { LineError } from './parse.ts'
import { DIR, withNode } from './reach.ts'

export const versionsVerb: Command = {
  words: ['versions'],
  about: 'List the versions of a file: the current one and those that lost against it.',
  more: [
    'When two write a file at the same time, the one who ends last has it; what the other wrote is ' +
      'kept beside it until somebody chooses. `blocktree cat PATH --version HASH` shows one.',
  ],
  positionals: [{ name: 'PATH', about: 'As /ROOT/docs/a.txt.', completes: 'path' }],
  options: [
    {
      name: 'keep',
      value: 'HASH',
      about: 'Make this version the only one; the others are gone. Its first digits do.',
    },
    DIR,
  ],
  examples: [
    ['blocktree versions /ROOT/docs/a.txt', 'one a line: time, size, writer, hash'],
    [
      'blocktree versions /ROOT/docs/a.txt --keep 1220a1b2c3',
      'the version whose hash begins with that is the file now',
    ],
  ],
  async run(call) {
    const { positionals, values, json, io } = call
    const path = positionals[0]!
    const wanted = values['keep']
    return withNode(call, async ({ client }) => {
      const { versions } = await client.call('file.versions', { path }, io)
      if (typeof wanted === 'string') {
        const { hash } = choose(path, versions, wanted)
        await client.call('file.keep', { path, version: hash }, io)
        if (json) io.out(JSON.stringify({ path, kept: hash, gone: versions.length - 1 }))
        return 0
      }
      for (const one of versions) io.out(json ? JSON.stringify(one) : line(one))
      return 0
    })
  },
}

function line({ time, size, writer, hash, current }: FileVersionInfo): string {
  const when = new Date(time).toISOString().slice(0, 19).replace('T', ' ')
  return `${current ? 'current' : 'lost   '}  ${when}  ${String(size).padStart(12)}  ${writer}  ${hash}`
}

/** The parameters that read a file: in the version whose hash begins with `wanted`, if any. */
export async function versionOf(
  client: Client,
  path: string,
  wanted: string | true | undefined,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly version?: string; readonly size?: number }> {
  if (typeof wanted !== 'string') return { path }
  const { versions } = await client.call('file.versions', { path }, { signal })
  const { hash } = choose(path, versions, wanted)
  return { path, version: hash }
}

/** @throws {LineError} `LINE_VALUE` when none begins so, or several do. */
function choose(path: string, all: readonly FileVersionInfo[], wanted: string): FileVersionInfo {
  const found = all.filter(({ hash }) => hash.startsWith(wanted.toLowerCase()))
  if (found.length === 1) return found[0]!
  const how = found.length === 0 ? 'no version' : `${found.length} versions`
  throw new LineError(
    'LINE_VALUE',
    `${path} has ${how} that begin${found.length === 0 ? 's' : ''} with ${wanted}: ` +
      `blocktree versions ${path} lists them`,
  )
}
