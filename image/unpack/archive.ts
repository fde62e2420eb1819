/**
 * Archives by kind: how each becomes a stream of tar bytes and how its paths are read. Maintainer
 * scripts of `.deb` files are never looked at. Their contents go through the `xz` of the tool set,
 * twice as fast as that of an older Debian; without one, `dpkg-deb` of the machine is asked.
 */
import { closeSync, createReadStream, existsSync, openSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { endGroup, start } from '../spawn.ts'
import { seekData } from './deb.ts'
import { UnpackError } from './error.ts'
import { inside } from './place.ts'

export type Archive = {
  readonly file: string
  /** For messages. */
  readonly name: string
  /** Path below the folder for a path in the archive. @throws {UnpackError} `UNPACK_ESCAPES`. */
  path(member: string, folder: boolean): string
  /** Folders that Debian has moved below `usr/`: links to them are needed when one was met. */
  readonly merged: ReadonlySet<string>
  /** Bytes of the tar archive inside. */
  read(env: Readonly<Record<string, string>>, chunk: (bytes: Buffer) => void): Promise<void>
}

/** Bytes decompressed at a time: each piece is a turn of two threads. */
const PIECE = 256 * 1024
const SUFFIXES = '.deb, .tar, .tar.gz, .tgz, .tar.xz, .tar.zst'
const MERGED = /^(?:bin|sbin|lib|lib32|lib64|libx32|libo32)$/

/** @throws {UnpackError} `UNPACK_UNKNOWN_KIND`. */
export function openArchive(file: string): Archive {
  const name = basename(file)
  const merged = new Set<string>()
  if (name.endsWith('.deb')) {
    const path = (member: string, folder: boolean) => {
      const clean = inside(member)
      const [top = '', ...below] = clean.split('/')
      // Not the links of base-files themselves.
      if ((below.length === 0 && !folder) || !MERGED.test(top)) return clean
      merged.add(top)
      return `usr/${clean}`
    }
    return { file, name, path, merged, read: (env, chunk) => readDeb(file, name, env, chunk) }
  }
  // npm puts everything into one folder, most often `package`, and drops it when it installs.
  const path = fromNpm(file) ? (member: string) => inside(member).replace(/^[^/]+\/?/, '') : inside
  return { file, name, path, merged, read: reader(file, name) }
}

async function readDeb(
  file: string,
  name: string,
  env: Readonly<Record<string, string>>,
  chunk: (bytes: Buffer) => void,
): Promise<void> {
  const fd = openSync(file, 'r')
  try {
    const xz = (env['PATH'] ?? '').split(':').find(folder => existsSync(join(folder, 'xz')))
    // One thread each: there are as many processes as cores already.
    if (seekData(fd, name) === '.xz' && xz !== undefined) {
      const args = ['--decompress', '--stdout', '--single-stream', '--threads=1']
      return await pipe(join(xz, 'xz'), args, env, name, chunk, fd)
    }
    const variables = { DPKG_DEB_THREADS_MAX: '1', PATH: '/usr/bin:/bin' }
    const args = ['--fsys-tarfile', file]
    return await pipe('/usr/bin/dpkg-deb', args, { ...env, ...variables }, name, chunk)
  } finally {
    closeSync(fd)
  }
}

function fromNpm(file: string): boolean {
  const folder = dirname(file)
  const parent = basename(folder).startsWith('@') ? dirname(folder) : folder
  return file.endsWith('.tgz') && basename(parent) === 'npm'
}

function reader(file: string, name: string): Archive['read'] {
  if (name.endsWith('.tar')) return (_, chunk) => drain(createReadStream(file), name, chunk)
  if (/\.(?:tgz|tar\.gz)$/.test(name))
    return (_, chunk) => drain(through(file, createGunzip({ chunkSize: PIECE })), name, chunk)
  if (name.endsWith('.tar.zst'))
    return (_, chunk) =>
      drain(through(file, createZstdDecompress({ chunkSize: PIECE })), name, chunk)
  if (name.endsWith('.tar.xz'))
    return (env, chunk) =>
      pipe(
        'xz',
        ['-dc', '--', file],
        { ...env, PATH: `${env['PATH'] ?? ''}:/usr/bin:/bin` },
        name,
        chunk,
      )
  throw new UnpackError('UNPACK_UNKNOWN_KIND', `${file} ends in none of ${SUFFIXES}`)
}

function through(file: string, stage: Readable & NodeJS.WritableStream): Readable {
  createReadStream(file, { highWaterMark: PIECE })
    .on('error', error => stage.destroy(error))
    .pipe(stage)
  return stage
}

async function drain(from: Readable, name: string, chunk: (bytes: Buffer) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    from.on('data', (bytes: Buffer) => {
      try {
        chunk(bytes)
      } catch (error) {
        reject(error as Error)
        from.destroy()
      }
    })
    from.on('end', resolve)
    from.on('error', error =>
      reject(new UnpackError('UNPACK_BAD_ARCHIVE', `${name}: ${error.message}`, error)),
    )
  })
}

async function pipe(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  name: string,
  chunk: (bytes: Buffer) => void,
  input: number | 'ignore' = 'ignore',
): Promise<void> {
  const child = start(program, args, { env, stdio: [input, 'pipe', 'pipe'] })
  let said = ''
  child.stderr!.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-2000)))
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', error =>
      reject(new UnpackError('UNPACK_BAD_ARCHIVE', `${name}: can't run ${program}`, error)),
    )
    child.once('close', (code, signal) =>
      code === 0
        ? resolve()
        : reject(
            new UnpackError(
              'UNPACK_BAD_ARCHIVE',
              `${name}: ${said.trim() || `${program} ended with ${code ?? signal}`}`,
            ),
          ),
    )
  })
  ended.catch(() => {})
  try {
    await drain(child.stdout!, name, chunk)
  } catch (error) {
    endGroup(child)
    await ended.catch(() => {})
    throw error
  }
  await ended
}
