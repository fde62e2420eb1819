import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeOwned } from '../debian/owned.ts'
import { UnpackError } from '../unpack/error.ts'
import { unpack } from '../unpack/unpack.ts'
import type { Verb } from './verb.ts'

/**
 * Unpacks archives as data: no maintainer script runs, no owner is set, nothing is written outside
 * the folder. A folder among the archives stands for the `.deb` files in it, sorted; what came from
 * which package is then written to `.packages/` of the folder, see `image/debian/owned.ts`.
 */
export const verb: Verb = {
  usage: 'unpack ARCHIVE_OR_FOLDER… FOLDER',
  about: 'unpacks .deb, .tar, .tgz, .tar.gz, .tar.xz and .tar.zst into one folder',

  async run({ args, cwd, env }) {
    const paths = args.map(arg => resolve(cwd, arg))
    const folder = paths.pop()
    if (folder === undefined || paths.length === 0)
      throw new Error('found too few arguments, expected: unpack ARCHIVE_OR_FOLDER… FOLDER')
    const files = paths.flatMap(archives)
    // The host's dpkg-deb and xz: they must run before there is any tool set.
    const shipped = await unpack(files, folder, { ...env, PATH: '/usr/bin:/bin' })
    writeOwned(folder, new Map(files.map((file, i) => [file, shipped[i]!])))
  },
}

function archives(path: string): string[] {
  if (!existsSync(path)) throw new UnpackError('UNPACK_NO_ARCHIVE', `there is no ${path}`)
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).filter(name => name.endsWith('.deb'))
  if (names.length === 0)
    throw new UnpackError(
      'UNPACK_NO_ARCHIVE',
      `${path} holds no .deb file; it may be a wrong folder`,
    )
  return names.sort().map(name => join(path, name))
}
