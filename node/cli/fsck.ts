/** `blocktree fsck` and `reseal`: long work on the whole store, or on all below a path. */
import type { Command } from './command.ts'
import { Progress } from './progress.ts'
import { DIR, withNode, type Reached } from './reach.ts'
import { visible } from './visible.ts'

const LEFT =
  'this can’t be put right from what is here: put a lost file again, or remove it with blocktree rm'

export const fsckVerb: Command = {
  words: ['fsck'],
  about: 'Verify every signature, hash and chain, and every name, and say what is wrong.',
  more: [
    'First the store, then the node’s own tree from its root on. --repair drops what nobody can ' +
      'read or had a right to write, takes files back from versions kept beside them, and puts what ' +
      'no directory leads to into /ROOT/lost+found; then it looks again.',
  ],
  options: [
    { name: 'repair', about: 'Put right what can be, and say what was lost.' },
    {
      name: 'accept-rollback',
      about: 'Open a store that is older than it was, as after a backup was put back on purpose.',
    },
    DIR,
  ],
  examples: [
    ['blocktree fsck', 'ends with 0 when all is well, with 1 when something is wrong'],
    ['blocktree fsck --repair --json', 'repairs; what was found as JSON'],
    ['blocktree fsck --accept-rollback', 'after a backup of the node directory was put back'],
  ],
  async run(call) {
    const { values, json, io } = call
    const acceptRollback = values['accept-rollback'] === true
    const work = async ({ client }: Reached) => {
      const progress = new Progress(io, 'checking', 'blocks')
      const repair = values['repair'] === true
      const onProgress = (done: number, step = '') =>
        progress.at(done, { what: `checking the ${step}` })
      const { signal } = io
      const found = await client
        .long('check', { repair }, { signal, onProgress })
        .finally(() => progress.clear())
      const left = found.findings.filter(({ repaired }) => !repaired)
      if (json) io.out(JSON.stringify({ ok: left.length === 0, ...found }))
      else {
        for (const { code, says, repaired } of found.findings)
          io.out(`${repaired ? 'repaired' : 'WRONG'}  ${code}  ${visible(says)}`)
        const what = `${found.blocks} blocks, ${found.pieces} pieces`
        io.out(left.length === 0 ? `${what}: all is well` : `${what}: ${left.length} wrong`)
        if (left.length > 0)
          io.err(repair ? LEFT : 'blocktree fsck --repair puts right what can be')
      }
      return left.length === 0 ? 0 : 1
    }
    return withNode(call, work, { acceptRollback })
  },
}

export const resealVerb: Command = {
  words: ['reseal'],
  about: 'Write anew, under the newest keys, what was written under older ones.',
  more: ['After `blocktree unshare`, so that old keys open nothing that is kept. May be stopped.'],
  positionals: [
    { name: 'PATH', about: 'A file, or a directory with all below.', completes: 'path' },
  ],
  options: [DIR],
  examples: [
    ['blocktree reseal /ROOT/photos', 'all photos'],
    ['blocktree reseal /ROOT --json', 'the whole tree; how much it was, as JSON'],
  ],
  async run(call) {
    const { positionals, json, io } = call
    return withNode(call, async ({ client }) => {
      const progress = new Progress(io, 'resealing', 'blocks')
      const onProgress = (done: number) => progress.at(done)
      const { signal } = io
      const done = await client
        .long('access.reseal', { path: positionals[0]! }, { signal, onProgress })
        .finally(() => progress.clear())
      io.out(json ? JSON.stringify(done) : `${done.blocks} blocks, ${done.sectors} sectors`)
      return 0
    })
  },
}
