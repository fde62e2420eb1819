/** `blocktree ls` and `blocktree stat`: what is in the tree. */
import type { Client } from '../rpc/client.ts'
import type { Entry } from '../tree/bucket.ts'
import type { Stat } from '../tree/stat.ts'
import type { Command } from './command.ts'
import { DIR, withNode } from './reach.ts'
import { visible } from './visible.ts'

const MARK = { directory: '/', symlink: '@', program: '*', record: '', file: '' } as const

export const lsVerb: Command = {
  words: ['ls'],
  about: 'List a directory.',
  positionals: [
    {
      name: 'PATH',
      about: 'A directory, or a file; default /ROOT.',
      optional: true,
      completes: 'path',
    },
  ],
  options: [{ name: 'long', short: 'l', about: 'Sizes, times and modes too.' }, DIR],
  examples: [
    ['blocktree ls', 'lists the top of the node’s own tree; directories end in /'],
    ['blocktree ls /ROOT/docs --long', 'with mode, size and time of each'],
  ],
  async run(call) {
    const { positionals, values, json, io } = call
    const path = positionals[0] ?? '/ROOT'
    return withNode(call, async ({ client }) => {
      const long = values['long'] === true
      const self = await client.call('file.stat', { path, follow: true }, io)
      if (self.kind !== 'directory') {
        const name = path.replace(/\/+$/, '').split('/').at(-1)!
        show(long || json ? { ...self, name } : { name, id: self.id, kind: self.kind })
        return 0
      }
      for await (const entry of entries(client, path, io.signal)) {
        const below = `${path.replace(/\/$/, '')}/${entry.name}`
        show(long ? { ...entry, ...(await client.call('file.stat', { path: below }, io)) } : entry)
      }
      return 0
    })
    function show(entry: Entry | (Entry & Stat)): void {
      if (json) return io.out(JSON.stringify(entry))
      const name = `${visible(entry.name)}${MARK[entry.kind]}`
      if (!('mode' in entry)) return io.out(name)
      const mode = entry.mode.toString(8).padStart(4, '0')
      const time = new Date(entry.modified).toISOString().slice(0, 16).replace('T', ' ')
      const target = entry.target === undefined ? '' : ` -> ${visible(entry.target)}`
      io.out(`${mode}  ${String(entry.size).padStart(12)}  ${time}  ${name}${target}`)
    }
  },
}

export const statVerb: Command = {
  words: ['stat'],
  about: 'Say what is known of a file or directory.',
  positionals: [{ name: 'PATH', about: 'As /ROOT/docs/a.txt.', completes: 'path' }],
  options: [{ name: 'follow', about: 'Of what a symlink leads to.' }, DIR],
  examples: [
    ['blocktree stat /ROOT/docs/a.txt', 'prints its kind, size, times, version and writer'],
    ['blocktree stat /ROOT --json', 'the same as JSON'],
  ],
  async run(call) {
    const { positionals, values, json, io } = call
    return withNode(call, async ({ client }) => {
      const follow = values['follow'] === true
      const stat = await client.call('file.stat', { path: positionals[0]!, follow }, io)
      if (json) io.out(JSON.stringify(stat))
      else
        for (const [name, value] of Object.entries(stat))
          io.out(`${name.padEnd(12)}${shown(name, value)}`)
      return 0
    })
  },
}

function shown(name: string, value: unknown): string {
  if (name === 'mode') return (value as number).toString(8).padStart(4, '0')
  if (name === 'modified' || name === 'created') return new Date(value as number).toISOString()
  return visible(String(value))
}

async function* entries(client: Client, path: string, signal: AbortSignal): AsyncGenerator<Entry> {
  let cursor: number | undefined
  do {
    const page = { path, ...(cursor !== undefined && { cursor }) }
    const list = await client.call('file.list', page, { signal })
    yield* list.entries
    cursor = list.cursor
  } while (cursor !== undefined)
}
