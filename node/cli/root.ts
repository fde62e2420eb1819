/**
 * `blocktree root …`: the key that owns a tree. It is made, opened and sealed in this process; the
 * node gets what it needs over its own socket and never a passphrase.
 */
import type { Command, Io, Option } from './command.ts'
import { LineError } from './parse.ts'
import { DIR, withNode } from './reach.ts'

const PASSPHRASE: Option = {
  name: 'passphrase-file',
  value: 'FILE',
  about: 'Its first line is the passphrase; else it is asked for.',
  completes: 'file',
}
const PHRASE_OUT: Option = {
  name: 'phrase-file',
  value: 'FILE',
  about: 'Write the recovery phrase there instead of showing it.',
  completes: 'file',
}

export const rootCreateVerb: Command = {
  words: ['root', 'create'],
  about: 'Make a root key and the tree it owns; shows the recovery phrase once.',
  more: [
    'The 24 words are all it takes to get the key back: write them down and keep them safe. ' +
      'The key itself stays in the node directory, for who knows the passphrase.',
  ],
  options: [PASSPHRASE, PHRASE_OUT, DIR],
  examples: [
    ['blocktree root create', 'asks for a passphrase, shows 24 words'],
    [
      'blocktree root create --passphrase-file secret --json',
      'asks for nothing; principal and phrase as JSON',
    ],
  ],
  async run({ values, json, io }) {
    const phraseFile = values['phrase-file']
    if (!json && phraseFile === undefined && !io.outputTty)
      throw new LineError(
        'LINE_VALUE',
        'nobody would see the recovery phrase here: --phrase-file FILE, --json or a terminal',
      )
    const keys = await import('./root-keys.ts')
    return withNode({ values, io }, async ({ client }) => {
      await keys.expectNoRoot(client)
      const made = await keys.make(io, values['passphrase-file'])
      const { phrase } = made
      if (typeof phraseFile === 'string') await keys.writeSecret(phraseFile, `${phrase}\n`)
      const { principal } = await client.call('root.adopt', { ...made, tree: true }, io)
      const shown = phraseFile === undefined
      if (json) io.out(JSON.stringify({ principal, ...(shown && { phrase }) }))
      else {
        io.out(principal)
        if (shown) showPhrase(phrase, io)
      }
      return 0
    })
  },
}

export const rootShowVerb: Command = {
  words: ['root', 'show'],
  about: 'Say whose tree this node’s own is, and whether the root key is here.',
  options: [DIR],
  examples: [
    ['blocktree root show', 'prints the root principal'],
    ['blocktree root show --json', 'with generation, and whether key and tree are here'],
  ],
  async run({ values, json, io }) {
    return withNode({ values, io }, async ({ client }) => {
      const root = await client.call('root.show', {}, io)
      if (json) io.out(JSON.stringify(root))
      else if (root.principal === undefined) io.err('there is none yet: blocktree root create')
      else {
        io.out(root.principal)
        io.err(`key ${root.key ? 'here' : 'elsewhere'}, tree ${root.tree ? 'here' : 'not here'}`)
      }
      return root.principal === undefined ? 1 : 0
    })
  },
}

export const rootBackupVerb: Command = {
  words: ['root', 'backup'],
  about: 'Copy the root key, sealed with its passphrase, to a file.',
  more: ['The file is an ordinary age file: `age -d FILE` opens it too.'],
  positionals: [{ name: 'FILE', about: 'A file that is not there yet.', completes: 'file' }],
  options: [DIR],
  examples: [
    ['blocktree root backup /media/usb/root.age', 'asks for nothing'],
    ['blocktree root backup root.age --json', 'prints the principal it belongs to'],
  ],
  async run({ positionals: [path = ''], values, json, io }) {
    const { writeSecret } = await import('./root-keys.ts')
    return withNode({ values, io }, async ({ client }) => {
      const { principal } = await client.call('root.show', {}, io)
      const { file } = await client.call('root.file', {}, io)
      await writeSecret(path, file)
      if (json) io.out(JSON.stringify({ file: path, principal }))
      return 0
    })
  },
}

export const rootRestoreVerb: Command = {
  words: ['root', 'restore'],
  about: 'Put a root key back, from a backup or from the recovery phrase.',
  positionals: [{ name: 'FILE', about: 'A backup.', optional: true, completes: 'file' }],
  options: [
    PASSPHRASE,
    {
      name: 'phrase-file',
      value: 'FILE',
      about: 'Take the recovery phrase from there; without FILE and this it is asked for.',
      completes: 'file',
    },
    { name: 'new-tree', about: 'Make an empty tree: no other node has the old one.' },
    DIR,
  ],
  examples: [
    ['blocktree root restore /media/usb/root.age', 'asks for the passphrase of the backup'],
    ['blocktree root restore --new-tree', 'asks for the 24 words; the tree begins empty'],
  ],
  async run({ positionals: [file], values, json, io }) {
    if (file !== undefined && values['phrase-file'] !== undefined)
      throw new LineError('LINE_VALUE', 'a backup or --phrase-file, not both')
    const keys = await import('./root-keys.ts')
    return withNode({ values, io }, async ({ client }) => {
      await keys.expectNoRoot(client)
      const key =
        file === undefined
          ? await keys.fromPhrase(io, values['phrase-file'], values['passphrase-file'])
          : await keys.fromBackup(io, file, values['passphrase-file'])
      const tree = values['new-tree'] === true
      const { principal } = await client.call('root.adopt', { ...key, tree }, io)
      const root = await client.call('root.show', {}, io)
      io.out(json ? JSON.stringify({ principal, tree: root.tree }) : principal)
      if (!root.tree && !json) io.err('its tree is not on this node; --new-tree would make one')
      return 0
    })
  },
}

export const rootPhraseVerb: Command = {
  words: ['root', 'phrase'],
  about: 'Show the recovery phrase.',
  options: [PASSPHRASE, PHRASE_OUT, DIR],
  examples: [
    ['blocktree root phrase', 'asks for the passphrase, shows 24 words'],
    ['blocktree root phrase --passphrase-file secret --phrase-file words', 'writes them to a file'],
  ],
  async run({ values, json, io }) {
    const keys = await import('./root-keys.ts')
    return withNode({ values, io }, async ({ client }) => {
      const { phrase } = await keys.held(io, client, values['passphrase-file'])
      const file = values['phrase-file']
      if (typeof file === 'string') await keys.writeSecret(file, `${phrase}\n`)
      else if (json) io.out(JSON.stringify({ phrase }))
      else if (io.outputTty) showPhrase(phrase, io)
      else io.out(phrase)
      return 0
    })
  },
}

export const rootRotateVerb: Command = {
  words: ['root', 'rotate'],
  about: 'Let the next root key take over: the one that the tree has announced.',
  more: [
    'For when a machine that held the root key is lost or was broken into. The recovery phrase ' +
      'stays the same, the principal and all paths too.',
  ],
  options: [PASSPHRASE, DIR],
  examples: [
    ['blocktree root rotate', 'asks for the passphrase'],
    ['blocktree root rotate --passphrase-file secret --json', 'prints the new generation as JSON'],
  ],
  async run({ values, json, io }) {
    const keys = await import('./root-keys.ts')
    return withNode({ values, io }, async ({ client }) => {
      const next = await keys.successor(io, client, values['passphrase-file'])
      const done = await client.call('root.rotate', next, io)
      io.out(json ? JSON.stringify(done) : `generation ${done.generation} of ${done.principal}`)
      return 0
    })
  },
}

function showPhrase(phrase: string, io: Io): void {
  const words = phrase.split(' ').map((word, i) => `${String(i + 1).padStart(2)} ${word}`)
  io.out('')
  io.out('Recovery phrase. Write it down; who has these words has everything:')
  io.out('')
  for (let row = 0; row < 6; row++)
    io.out([0, 6, 12, 18].map(column => `  ${words[row + column]!.padEnd(12)}`).join(''))
  io.out('')
}
