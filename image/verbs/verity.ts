import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { withFile } from '../disk/bytes.ts'
import { verityFormat } from '../disk/verity.ts'
import type { Verb } from './verb.ts'

/** Makes the dm-verity hash device of a file system, and the root hash that vouches for it. */
export const verb: Verb = {
  usage: 'verity DATA HASH_OUT ROOTHASH_OUT --salt HEX --uuid UUID',
  about: 'makes the dm-verity hash device of a file system and writes its root hash in hex',

  async run({ args, cwd, print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { salt: { type: 'string' }, uuid: { type: 'string' } },
    })
    const [data, hashOut, rootHashOut, ...extra] = positionals
    const { salt, uuid } = values
    if (!data || !hashOut || !rootHashOut || extra.length > 0 || salt === undefined || !uuid)
      throw new Error(`usage: ${verb.usage}`)
    if (!/^([0-9a-f]{2}){0,256}$/.test(salt))
      throw new Error(`--salt is '${salt}', up to 256 bytes in lower-case hex expected`)
    const { device, rootHash } = withFile(resolve(cwd, data), bytes =>
      verityFormat(bytes, { salt: Buffer.from(salt, 'hex'), uuid }),
    )
    writeFileSync(resolve(cwd, hashOut), device)
    writeFileSync(resolve(cwd, rootHashOut), rootHash.toString('hex') + '\n')
    print(`root hash ${rootHash.toString('hex')}`)
  },
}
