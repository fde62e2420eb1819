import { createHash } from 'node:crypto'
import { ftruncateSync, openSync, closeSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from '../spawn.ts'
import type { Verb } from './verb.ts'

/** Makes an EFI system partition: FAT32 with the given files in it, every time stamp fixed. */
export const verb: Verb = {
  usage: 'esp OUT.img --size MIB --id SEED [--label ESP] FILE=PATH_IN_ESP…',
  about: 'makes a FAT32 EFI system partition with the given files',

  async run({ args, cwd, env }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        size: { type: 'string' },
        id: { type: 'string' },
        label: { type: 'string', default: 'ESP' },
      },
    })
    const [out, ...pairs] = positionals
    if (!out || !values.size || values.id === undefined) throw new Error(`usage: ${verb.usage}`)
    const mib = Number(values.size)
    if (!Number.isSafeInteger(mib) || mib < 34 || mib > 65536)
      throw new Error(`--size is '${values.size}', MiB from 34 (least for FAT32) expected`)
    const files = pairs.map(pair => parsePair(pair, cwd))
    const image = resolve(cwd, out)
    rmSync(image, { force: true })
    const fd = openSync(image, 'wx', 0o644)
    ftruncateSync(fd, mib * 2 ** 20)
    closeSync(fd)

    // mtools stamps files with SOURCE_DATE_EPOCH in the local zone, and reads a configuration of
    // the user unless told where else to look.
    const fixed = { ...env, TZ: 'UTC', LC_ALL: 'C', MTOOLSRC: '/dev/null', HOME: '/nonexistent' }
    const time = { ...fixed, SOURCE_DATE_EPOCH: env['SOURCE_DATE_EPOCH'] ?? '315532800' }
    const id = createHash('sha256').update(`blocktree esp\0${values.id}`).digest('hex').slice(0, 8)
    const format = ['-F', '32', '-S', '512', '--invariant', '-i', id, '-n', values.label]
    await run('mkfs.vfat', [...format, image], { cwd, env: time })
    for (const folder of foldersOf(files.map(f => f.to)))
      await run('mmd', ['-i', image, `::${folder}`], { cwd, env: time })
    for (const { from, to } of files.toSorted((a, b) => (a.to < b.to ? -1 : 1)))
      await run('mcopy', ['-i', image, from, `::${to}`], { cwd, env: time })
  },
}

function parsePair(pair: string, cwd: string): { from: string; to: string } {
  const at = pair.lastIndexOf('=')
  const to = pair.slice(at + 1).replace(/^\/+/, '')
  const parts = to.split('/')
  if (at < 1 || parts.some(p => !/^[A-Za-z0-9_.+~-]+$/.test(p) || p === '.' || p === '..'))
    throw new Error(`'${pair}' is not FILE=PATH_IN_ESP, as in boot.efi=EFI/BOOT/BOOTX64.EFI`)
  return { from: resolve(cwd, pair.slice(0, at)), to: `/${to}` }
}

/** Every folder above the paths, parents first. */
function foldersOf(paths: readonly string[]): string[] {
  const folders = new Set<string>()
  for (const path of paths)
    for (let dir = dirname(path); dir !== '/'; dir = dirname(dir)) folders.add(dir)
  return [...folders].sort()
}
