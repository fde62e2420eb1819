/** `blocktree mkdir`, `mv` and `rm`: changes of directories. */
import type { Command } from './command.ts'
import { advise } from './explain.ts'
import { DIR, withNode } from './reach.ts'

export const mkdirVerb: Command = {
  words: ['mkdir'],
  about: 'Make directories.',
  positionals: [{ name: 'PATH', about: 'As /ROOT/docs.', many: true, completes: 'path' }],
  options: [
    { name: 'parents', short: 'p', about: 'Those above it too; fine when all are there.' },
    DIR,
  ],
  examples: [
    ['blocktree mkdir /ROOT/docs', 'makes one'],
    ['blocktree mkdir --parents /ROOT/a/b/c', 'makes all three'],
  ],
  async run(call) {
    const { positionals, values, json, io } = call
    return withNode(call, async ({ client }) => {
      const parents = values['parents'] === true
      for (const path of positionals) {
        await client
          .call('file.mkdir', { path, parents }, io)
          .catch(advise('TREE_NOT_FOUND', '--parents makes those above it too'))
        if (json) io.out(JSON.stringify({ path }))
      }
      return 0
    })
  },
}

export const mvVerb: Command = {
  words: ['mv'],
  about: 'Move or rename a file or directory.',
  positionals: [
    { name: 'FROM', about: 'What is moved.', completes: 'path' },
    { name: 'TO', about: 'The new path, or a directory to move it into.', completes: 'path' },
  ],
  options: [{ name: 'force', short: 'f', about: 'Replace a file that is there.' }, DIR],
  examples: [
    ['blocktree mv /ROOT/a.txt /ROOT/b.txt', 'renames it'],
    ['blocktree mv /ROOT/a.txt /ROOT/docs', 'moves it into the directory docs'],
  ],
  async run(call) {
    const { positionals, values, json, io } = call
    const [from = '', given = ''] = positionals
    return withNode(call, async ({ client }) => {
      const into = await client.call('file.stat', { path: given, follow: true }, io).then(
        ({ kind }) => kind === 'directory',
        () => false,
      )
      const name = from.replace(/\/$/, '').split('/').at(-1)
      const to = into ? `${given.replace(/\/$/, '')}/${name}` : given
      await client
        .call('file.move', { from, to, replace: values['force'] === true }, io)
        .catch(advise('TREE_EXISTS', '--force replaces a file'))
      if (json) io.out(JSON.stringify({ from, to }))
      return 0
    })
  },
}

export const rmVerb: Command = {
  words: ['rm'],
  about: 'Remove files and directories.',
  positionals: [{ name: 'PATH', about: 'As /ROOT/docs/a.txt.', many: true, completes: 'path' }],
  options: [
    { name: 'recursive', short: 'r', about: 'Directories with all that is in them.' },
    { name: 'force', short: 'f', about: 'It is fine when nothing is there.' },
    DIR,
  ],
  examples: [
    ['blocktree rm /ROOT/docs/a.txt', 'removes a file or an empty directory'],
    ['blocktree rm --recursive /ROOT/docs', 'removes a directory and what is in it'],
  ],
  async run(call) {
    const { positionals, values, json, io } = call
    return withNode(call, async ({ client }) => {
      const recursive = values['recursive'] === true
      for (const path of positionals) {
        const removed = await client.call('file.remove', { path, recursive }, io).then(
          done => done.removed,
          (error: { reason?: string }) => {
            if (values['force'] && error.reason === 'TREE_NOT_FOUND') return 0
            return advise('TREE_NOT_EMPTY', '--recursive removes what is in it too')(error)
          },
        )
        if (json) io.out(JSON.stringify({ path, removed }))
      }
      return 0
    })
  },
}
