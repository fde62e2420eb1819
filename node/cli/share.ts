/** `blocktree share` and `unshare`: who else may read and write. */
import type { Command } from './command.ts'
import { DIR, withNode } from './reach.ts'
import { spanMs } from './span.ts'

const path = {
  name: 'PATH',
  about: 'A file, or a directory with all below it.',
  completes: 'path',
} as const
const principal = { name: 'PRINCIPAL', about: 'Whom, as k51….' }

export const shareVerb: Command = {
  words: ['share'],
  about: 'Let another principal read, or also write, what is at a path.',
  more: [
    'Prints what they call it: they can’t read the names above. A right to write ends by itself, ' +
      'after 30 days when nothing else is said.',
  ],
  positionals: [path, principal],
  options: [
    { name: 'write', short: 'w', about: 'Let it write too.' },
    { name: 'expires', value: 'TIME', about: 'How long it may write: 12h, 30d, 1y; default 30d.' },
    {
      name: 'record',
      value: 'FILE',
      about: 'Its keys, as `blocktree principal` printed them there.',
    },
    DIR,
  ],
  examples: [
    [
      'blocktree share /ROOT/photos k51qzi5uqu5dibywjpvivs02rlzvru0asjzmj51i9a7z7qg2hb2aruxgsindlm --record box.keys',
      'lets it read all photos; box.keys is what `blocktree principal --record` printed there',
    ],
    [
      'blocktree share /ROOT/in k51qzi5uqu5dibywjpvivs02rlzvru0asjzmj51i9a7z7qg2hb2aruxgsindlm --write --expires 7d',
      'lets it read and write for a week; its keys are known here by now',
    ],
  ],
  async run(call) {
    const { positionals, values, json, io } = call
    const [path = '', to = ''] = positionals
    const { parsePrincipal } = await import('../crypto/principal.ts')
    const { readText } = await import('./files.ts')
    const write = values['write'] === true
    const ms = spanMs('expires', values['expires'] ?? (write ? '30d' : undefined))
    const record = values['record']
    const params = {
      path,
      to: parsePrincipal(to),
      write,
      ...(ms !== undefined && { expires: Date.now() + ms }),
      ...(typeof record === 'string' && { record: await readText(record, 8192) }),
    }
    return withNode(call, async ({ client }) => {
      const done = await client.call('access.share', params, io)
      if (json) io.out(JSON.stringify({ to, write, ...done }))
      else io.out(done.path)
      if (!json && done.expires !== undefined)
        io.err(`may write until ${new Date(done.expires).toISOString()}`)
      return 0
    })
  },
}

export const unshareVerb: Command = {
  words: ['unshare'],
  about: 'Take access to a path away from a principal.',
  more: [
    'What it has read it still knows, and what was written so far stays readable with the old keys ' +
      'until `blocktree reseal` has written it anew.',
  ],
  positionals: [path, principal],
  options: [DIR],
  examples: [
    [
      'blocktree unshare /ROOT/photos k51qzi5uqu5dibywjpvivs02rlzvru0asjzmj51i9a7z7qg2hb2aruxgsindlm',
      'new photos are not for it, and it may write no more',
    ],
    [
      'blocktree unshare /ROOT/in k51qzi5uqu5dibywjpvivs02rlzvru0asjzmj51i9a7z7qg2hb2aruxgsindlm --json',
      'the same, with an answer as JSON',
    ],
  ],
  async run(call) {
    const { positionals, json, io } = call
    const [path = '', from = ''] = positionals
    const { parsePrincipal } = await import('../crypto/principal.ts')
    const who = parsePrincipal(from)
    return withNode(call, async ({ client }) => {
      await client.call('access.unshare', { path, from: who }, io)
      if (json) io.out(JSON.stringify({ path, from }))
      return 0
    })
  },
}
