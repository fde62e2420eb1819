/**
 * Writes the kernel's command line with what the initrd needs to open the root:
 * `bt.verity=<root hash>:<salt>:<data blocks>`, see board/initrd/init.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'cmdline OUT DATA ROOTHASH SALT WORD…',
  about: 'writes the kernel command line of a root file system, its root hash and salt',
  run({ args, cwd }) {
    const [out, data, rootHash, salt, ...words] = args
    if (out === undefined || data === undefined || rootHash === undefined || salt === undefined)
      throw new Error(
        `found ${args.length} arguments, expected: cmdline OUT DATA ROOTHASH SALT WORD…`,
      )
    const hash = readFileSync(resolve(cwd, rootHash), 'utf8').trim()
    if (!/^[0-9a-f]{64}$/.test(hash))
      throw new Error(`${rootHash} holds ${hash}, expected 64 hex digits`)
    const blocks = statSync(resolve(cwd, data)).size / 4096
    if (!Number.isInteger(blocks) || blocks === 0)
      throw new Error(`${data} is ${blocks * 4096} bytes, expected whole blocks of 4096`)
    if (!/^[0-9a-f]*$/.test(salt)) throw new Error(`the salt is ${salt}, expected hex digits`)
    writeFileSync(resolve(cwd, out), `bt.verity=${hash}:${salt}:${blocks} ${words.join(' ')}`)
    return Promise.resolve()
  },
}
