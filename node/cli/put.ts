/** `blocktree put`: a file of this machine into the tree. */
import { constants, createReadStream } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from './command.ts'
import { advise } from './explain.ts'
import { partsOf, withFile } from './own-file.ts'
import { LineError } from './parse.ts'
import { Progress, size } from './progress.ts'
import { DIR, withNode } from './reach.ts'

export const putVerb: Command = {
  words: ['put'],
  about: 'Write a file into the tree.',
  more: ['The file is there, whole and on the disk, when the command ends; or as it was before.'],
  positionals: [
    { name: 'FILE', about: 'A file, or - for standard input.', completes: 'file' },
    { name: 'PATH', about: 'Where to, as /ROOT/docs/a.txt, or a directory.', completes: 'path' },
  ],
  options: [{ name: 'parents', short: 'p', about: 'Make the directories above it too.' }, DIR],
  examples: [
    ['blocktree put a.txt /ROOT/docs/a.txt', 'writes it, in place of an older one'],
    ['tar -c photos | blocktree put - /ROOT/photos.tar', 'writes what comes on standard input'],
  ],
  async run(call) {
    const { positionals, values, json, io } = call
    const [file = '', given = ''] = positionals
    const total = file === '-' ? undefined : (await plainFile(file)).size
    return withNode(call, async ({ client }) => {
      const { signal } = io
      const path = await client.call('file.stat', { path: given, follow: true }, { signal }).then(
        ({ kind }) => {
          if (kind !== 'directory') return given
          if (file !== '-') return `${given.replace(/\/$/, '')}/${basename(file)}`
          throw new LineError('LINE_VALUE', `${given} is a directory: name the file in it`)
        },
        () => given,
      )
      const parent = path.replace(/\/[^/]+\/?$/, '')
      if (values['parents'] && /\/.+\//.test(path))
        await client.call('file.mkdir', { path: parent, parents: true }, { signal })
      const progress = new Progress(io, path)
      const source = file === '-' ? io.input : createReadStream(file, { highWaterMark: 256 * 1024 })
      try {
        const parts = counted(file === '-' ? source : partsOf(file, source), progress, total)
        const done = await client
          .write({ path }, parts, { signal })
          .catch(advise('TREE_NOT_FOUND', '--parents makes the directories above the file'))
        progress.clear()
        if (json) io.out(JSON.stringify({ path, ...done }))
        else if (io.tty) io.err(`${path}  ${size(done.size)}`)
      } finally {
        progress.clear()
        source.destroy()
      }
      return 0
    })
  },
}

async function plainFile(file: string) {
  const found = await withFile(file, 'read', () =>
    access(file, constants.R_OK).then(() => stat(file)),
  )
  if (found.isDirectory()) throw new LineError('LINE_VALUE', `${file} is a folder, a file expected`)
  return found
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  progress: Progress,
  total: number | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    progress.add(bytes.length, total)
    yield bytes
  }
}
