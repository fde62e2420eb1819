import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from '../spawn.ts'
import type { Verb } from './verb.ts'

/**
 * Makes a read-only erofs file system of a folder. Names and permissions come from the folder,
 * owners (root) and times (one for all) don't; extended attributes of the builder are left out, and
 * hard links become files of their own, since a build cache makes some that mean nothing.
 */
export const verb: Verb = {
  usage: 'erofs FOLDER OUT --uuid UUID --time SECONDS [--compress lz4hc,12] [--label NAME]',
  about: 'makes an erofs file system of a folder; the same folder gives the same bytes',

  async run({ args, cwd, env, print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        uuid: { type: 'string' },
        time: { type: 'string' },
        compress: { type: 'string' },
        label: { type: 'string' },
      },
    })
    const [folder, out, ...extra] = positionals
    const { uuid, time, compress, label } = values
    if (!folder || !out || extra.length > 0 || !uuid || !time)
      throw new Error(`usage: ${verb.usage}`)
    if (!/^[0-9]{1,12}$/.test(time))
      throw new Error(`--time is '${time}', seconds since 1970 expected`)
    if (compress !== undefined && !/^[a-z0-9]+(,[0-9]+)?$/.test(compress))
      throw new Error(`--compress is '${compress}', an algorithm as in lz4hc,12 expected`)
    const file = resolve(cwd, out)
    // mkfs.erofs writes into what is there and leaves its tail; start from nothing.
    rmSync(file, { force: true })
    const options = [
      '--quiet',
      '-b4096',
      `-T${time}`,
      '--all-time',
      `-U${uuid}`,
      '--all-root',
      '-x-1',
    ]
    if (label !== undefined) options.push('-L', label)
    // Several workers compress the same bytes, so their number is not fixed here.
    if (compress !== undefined) options.push(`-z${compress}`)
    options.push('--hard-dereference')
    const { stderr } = await run('mkfs.erofs', [...options, file, resolve(cwd, folder)], {
      cwd,
      env,
    })
    for (const line of stderr.split('\n')) if (line !== '') print(line)
  },
}
