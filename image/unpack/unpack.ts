/** Unpacks archives into one folder, as many at once as there are cores. */
import { lstatSync, readlinkSync, symlinkSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { openArchive, type Archive } from './archive.ts'
import { UnpackError } from './error.ts'
import { Placer } from './place.ts'
import { TarReader } from './tar.ts'

/**
 * @param files  Archives; where two ship one folder with different modes, the first one's counts.
 * @param folder  Absolute; made when it is not there.
 * @param env  Of the programs run; its PATH may have an `xz`, else the machine's is used.
 * @param skip  Whether a path below the folder is left out, and with it what lies below it.
 * @returns  Of each archive the paths below the folder of what it ships, but folders; sorted.
 * @throws {UnpackError} with the archive's name; what was placed until then stays in the folder.
 */
export async function unpack(
  files: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>>,
  skip: (path: string) => boolean = () => false,
): Promise<string[][]> {
  const archives = files.map(openArchive)
  const placer = new Placer(folder)
  const shipped: string[][] = archives.map(() => [])
  let failed = false
  const queue = archives.entries()
  const worker = async () => {
    for (const [rank, archive] of queue) {
      if (failed) return
      try {
        shipped[rank] = (await place(archive, rank, placer, env, skip)).sort()
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const workers = Array.from({ length: availableParallelism() + 1 }, worker)
  const results = await Promise.allSettled(workers)
  for (const result of results) if (result.status === 'rejected') throw result.reason
  placer.finish()
  for (const name of new Set(archives.flatMap(archive => [...archive.merged])))
    linkMerged(folder, name)
  return shipped
}

async function place(
  archive: Archive,
  rank: number,
  placer: Placer,
  env: Readonly<Record<string, string>>,
  skip: (path: string) => boolean,
): Promise<string[]> {
  const origin = { name: archive.name, rank }
  const shipped: string[] = []
  const tar = new TarReader(member => {
    const path = archive.path(member.path, member.type === 'dir')
    if (skip(path)) return undefined
    if (member.type !== 'dir') shipped.push(path)
    const target = member.type === 'hardlink' ? archive.path(member.target, false) : member.target
    return placer.add({ ...member, target }, path, origin)
  })
  try {
    await archive.read(env, bytes => tar.write(bytes))
    tar.end()
    return shipped
  } catch (error) {
    if (error instanceof UnpackError && !error.message.includes(archive.name))
      throw new UnpackError(error.code, `${archive.name}: ${error.message}`, error)
    throw error
  }
}

/** `lib` becomes a link to `usr/lib`, as on every Debian since 13. */
function linkMerged(folder: string, name: string): void {
  const path = join(folder, name)
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there === undefined) symlinkSync(`usr/${name}`, path)
  else if (!there.isSymbolicLink() || !/^\/?usr\//.test(readlinkSync(path)))
    throw new UnpackError(
      'UNPACK_CONFLICT',
      `${name} must be a link to usr/${name}, but something else is there: remove it`,
    )
}
