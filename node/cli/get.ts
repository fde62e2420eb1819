/** `blocktree get` and `blocktree cat`: files of the tree, into a file or on standard output. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Client } from '../rpc/client.ts'
import type { Call, Command, Io } from './command.ts'
import { LineError } from './parse.ts'
import { Progress, size } from './progress.ts'
import { DIR, withNode } from './reach.ts'

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
  options: [{ name: 'force', short: 'f', about: 'Replace a file that is there.' }, DIR],
  examples: [
    ['blocktree get /ROOT/docs/a.txt', 'writes a.txt here'],
    ['blocktree get /ROOT/docs/a.txt /tmp/b.txt --force', 'under another name, over what is there'],
  ],
  async run(call) {
    const [from = '', to = basename(from)] = call.positionals
    if (to === '-') return toOutput(call, [from])
    const folder = await stat(to).then(
      found => found.isDirectory(),
      () => false,
    )
    const file = folder ? join(to, basename(from)) : to
    return withNode(call, async ({ client }) => {
      const done = await intoFile(client, call.io, from, file, call.values['force'] === true)
      if (call.json) call.io.out(JSON.stringify({ file, ...done }))
      else if (call.io.tty) call.io.err(`${file}  ${size(done.size)}`)
      return 0
    })
  },
}

export const catVerb: Command = {
  words: ['cat'],
  about: 'Print files of the tree.',
  positionals: [{ name: 'PATH', ...path, many: true }],
  options: [DIR],
  examples: [
    ['blocktree cat /ROOT/docs/a.txt', 'prints it'],
    ['blocktree cat /ROOT/1.log /ROOT/2.log', 'prints one after the other'],
  ],
  run: call => toOutput(call, call.positionals),
}

async function toOutput(call: Call, paths: readonly string[]): Promise<0> {
  const { io } = call
  if (call.json) throw new LineError('LINE_VALUE', '--json does not go with the bytes of files')
  await withNode(call, async ({ client }) => {
    for (const path of paths)
      for await (const bytes of client.read({ path }, { signal: io.signal }))
        if (!io.output.write(bytes)) await once(io.output, 'drain', { signal: io.signal })
  })
  return 0
}

async function intoFile(client: Client, io: Io, path: string, file: string, force: boolean) {
  const exists = () => new LineError('LINE_VALUE', `${file} is there already: --force replaces it`)
  const there = await stat(file).then(
    () => true,
    () => false,
  )
  if (there && !force) throw exists()
  const { size: total } = await client.call('file.stat', { path, follow: true }, io)
  const part = `${file}.${randomBytes(4).toString('hex')}.part`
  const progress = new Progress(io, path)
  const handle = await open(part, 'wx', 0o666)
  try {
    const reading = client.read({ path }, { signal: io.signal })
    let next = await reading.next()
    for (; !next.done; next = await reading.next()) {
      await handle.writeFile(next.value)
      progress.add(next.value.length, total)
    }
    await handle.sync()
    // A link does not replace what somebody made in the meantime.
    if (force) await rename(part, file)
    else
      await link(part, file).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'EEXIST' ? exists() : error
      })
    return next.value
  } finally {
    progress.clear()
    await handle.close()
    await rm(part, { force: true })
  }
}
