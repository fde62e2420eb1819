import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import picomatch from 'picomatch'
import { writeOwned } from '../debian/owned.ts'
import { UnpackError } from '../unpack/error.ts'
import { unpack } from '../unpack/unpack.ts'
import type { Verb } from './verb.ts'

/**
 * Unpacks archives as data: no maintainer script runs, no owner is set, nothing is written outside
 * the folder. A folder among the archives stands for the `.deb` files in it, sorted; what came from
 * which package is then written to `.packages/` of the folder, see `image/debian/owned.ts`. What
 * matches a glob of `--without` is never written: quicker than to remove it afterwards.
 */
export const verb: Verb = {
  usage: 'unpack ARCHIVE_OR_FOLDER… FOLDER [--without GLOB]…',
  about: 'unpacks .deb, .tar, .tgz, .tar.gz, .tar.xz and .tar.zst into one folder',

  async run({ args, cwd, env }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { without: { type: 'string', multiple: true, default: [] } },
    })
    const paths = positionals.map(path => resolve(cwd, path))
    const folder = paths.pop()
    if (folder === undefined || paths.length === 0)
      throw new Error(`found too few arguments, expected: ${verb.usage}`)
    const globs = values.without.map(glob => ({ glob, fits: picomatch(glob, { dot: true }) }))
    const unused = new Set(values.without)
    const skip = (path: string) => {
      const found = globs.find(({ fits }) => fits(path))
      if (found !== undefined) unused.delete(found.glob)
      return found !== undefined
    }
    const files = paths.flatMap(archives)
    const shipped = await unpack(files, folder, env, skip)
    for (const glob of unused) throw new Error(`${glob} matches nothing in the archives: remove it`)
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
