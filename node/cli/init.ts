/** `blocktree init`: makes a node directory. */
import type { Command } from './command.ts'
import { withFile } from './own-file.ts'

export const initVerb: Command = {
  words: ['init'],
  about: 'Make a node directory: keys, store and configuration. Asks for nothing.',
  positionals: [
    {
      name: 'DIR',
      about: 'A new or an empty folder; default $BLOCKTREE_DIR, else ~/.blocktree.',
      optional: true,
      completes: 'file',
    },
  ],
  examples: [
    ['blocktree init', 'makes ~/.blocktree and prints the node’s principal'],
    ['blocktree init /srv/node --json', 'somewhere else; the path and the principal as JSON'],
  ],
  async run({ positionals: [dir], json, io }) {
    const { placeFor } = await import('./reach.ts')
    const { initDirectory } = await import('../dir/init.ts')
    const { systemRandom } = await import('../crypto/random.ts')
    const { path } = await placeFor({ values: { dir }, io })
    const principal = await withFile(path, 'write', () => initDirectory(path, systemRandom))
    io.out(json ? JSON.stringify({ path, principal }) : principal)
    return 0
  },
}
