/** `blocktree get` and `blocktree cat`: files of the tree, into a file or on standard output. */
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Call, Command, Option } from './command.ts'
import { NewFile } from './new-file.ts'
import { LineError } from './parse.ts'
import { Progress, size } from './progress.ts'
import { DIR, withNode } from './reach.ts'
import { versionOf } from './versions.ts'

const VERSION: Option = {
  name: 'version',
  value: 'HASH',
  about: 'Another version than the current one, as `blocktree versions` names it.',
}
const path = { about: 'As /ROOT/docs/a.txt.', completes: 'path' } as const

export const getVerb: Command = {
  words: ['get'],
  about: 'Copy a file out of the tree.',
  more: ['FILE appears when all of it is there, and not at all when something goes wrong.'],
  positionals: [
    { name: 'PATH', ...path },
    {
      name: 'FILE',
      about: 'A file, a folder, or - for standard output; default the same name here.',
      optional: true,
      completes: 'file',
    },
  ],
  options: [{ name: 'force', short: 'f', about: 'Replace a file that is there.' }, VERSION, DIR],
  examples: [
    ['blocktree get /ROOT/docs/a.txt', 'writes a.txt here'],
    ['blocktree get /ROOT/docs/a.txt b.txt --force', 'under another name, over what is there'],
  ],
  async run(call) {
    const { positionals, values, io } = call
    const [from = '', to = basename(from)] = positionals
    if (to === '-') return toOutput(call, [from])
    const file = (await isFolder(to)) ? join(to, basename(from)) : to
    return withNode(call, async ({ client }) => {
      const { signal } = io
      const params = await versionOf(client, from, values['version'], signal)
      // First, so that nothing is made when there is nothing to get.
      const { size: total } = await client.call('file.stat', { path: from, follow: true }, io)
      const made = await NewFile.begin(file, values['force'] === true)
      const progress = new Progress(io, from)
      try {
        const reading = client.read(params, { signal })
        let next = await reading.next()
        for (; !next.done; next = await reading.next()) {
          await made.write(next.value)
          progress.add(next.value.length, params.version === undefined ? total : undefined)
        }
        await made.end()
        progress.clear()
        if (call.json) io.out(JSON.stringify({ file, ...next.value }))
        else if (io.tty) io.err(`${file}  ${size(next.value.size)}`)
      } finally {
        progress.clear()
        await made.close()
      }
      return 0
    })
  },
}

export const catVerb: Command = {
  words: ['cat'],
  about: 'Print files of the tree.',
  positionals: [{ name: 'PATH', ...path, many: true }],
  options: [VERSION, DIR],
  examples: [
    ['blocktree cat /ROOT/docs/a.txt', 'prints it'],
    ['blocktree cat /ROOT/1.log /ROOT/2.log', 'prints one after the other'],
  ],
  run: call => toOutput(call, call.positionals),
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}

async function toOutput(call: Call, paths: readonly string[]): Promise<0> {
  const { io, values, json } = call
  if (json) throw new LineError('LINE_VALUE', '--json does not go with the bytes of files')
  const { signal } = io
  await withNode(call, async ({ client }) => {
    for (const path of paths) {
      const params = await versionOf(client, path, values['version'], signal)
      for await (const bytes of client.read(params, { signal }))
        if (!io.output.write(bytes)) await once(io.output, 'drain', { signal })
    }
  })
  return 0
}
