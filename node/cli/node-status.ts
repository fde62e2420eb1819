/** `blocktree node status`, `node collect` and `principal`: how the node is, and who it is. */
import type { Command } from './command.ts'
import { size } from './progress.ts'
import { DIR, withNode } from './reach.ts'

export const nodeStatusVerb: Command = {
  words: ['node', 'status'],
  about: 'Say how the node and its store are.',
  options: [DIR],
  examples: [
    ['blocktree node status', 'principal, root, bytes, commits, cache'],
    ['blocktree node status --json', 'the same as JSON'],
  ],
  async run({ values, json, io }) {
    return withNode({ values, io }, async ({ client }) => {
      const status = await client.call('node.status', {}, io)
      if (json) io.out(JSON.stringify(status))
      else {
        const { store, keys, ...rest } = status
        const { commits, ...more } = store
        for (const [name, value] of Object.entries({ ...rest, ...more, ...commits, ...keys }))
          io.out(`${name.padEnd(14)}${value}`)
      }
      return 0
    })
  },
}

export const nodeCollectVerb: Command = {
  words: ['node', 'collect'],
  about: 'Free the room of what was replaced or removed.',
  more: [
    'A node that runs does this by itself when its store has grown by a quarter. May be stopped.',
  ],
  options: [DIR],
  examples: [
    ['blocktree node collect', 'says how much it was'],
    ['blocktree node collect --json', 'the same as JSON'],
  ],
  async run({ values, json, io }) {
    return withNode({ values, io }, async ({ client }) => {
      const done = await client.call('node.collect', {}, io)
      io.out(json ? JSON.stringify(done) : `${done.pieces} pieces, ${size(done.bytes)}`)
      return 0
    })
  },
}

export const principalVerb: Command = {
  words: ['principal'],
  about: 'Say who this node is, for others to share with.',
  options: [
    { name: 'record', about: 'Its signed keys, as `blocktree share --record` takes them.' },
    DIR,
  ],
  examples: [
    ['blocktree principal', 'prints k51…'],
    ['blocktree principal --record', 'prints the keys, to be put into a file for another owner'],
  ],
  async run({ values, json, io }) {
    return withNode({ values, io }, async ({ client }) => {
      const found = await client.call('node.record', {}, io)
      if (json) io.out(JSON.stringify(found))
      else io.out(values['record'] ? found.record : found.principal)
    })
  },
}
