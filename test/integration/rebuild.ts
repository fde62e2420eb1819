/**
 * The same build twice: once as anybody would, with the cache of this machine, and once under other
 * conditions in everything that must not matter, with a cache that holds nothing but downloads.
 */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { walk } from '../../image/engine/tree.ts'
import { CACHE, REPO } from '../../image/paths.ts'
import { call } from '../image/cli/checkout.ts'

/** What a build is made of and with, nothing of git. */
const COPIED = [
  'image',
  'recipes',
  'board',
  'node',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'LICENSE',
]

/** The user and group `nobody` of Debian. */
const NOBODY = 65534

export type Build = {
  /** The copy of the checkout. */
  readonly repo: string
  readonly cache: string
  /** What `bt build --json` said. */
  readonly summary: { readonly image: string; readonly tasks: number; readonly cached: number }
}

export type Rebuild = {
  readonly first: Build
  readonly second: Build
  /** What was different, for people. */
  readonly conditions: readonly string[]
  remove(): void
}

/** @param options  Of `bt build`. */
export async function buildTwice(options: readonly string[]): Promise<Rebuild> {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'twice-')))
  const remove = () => rmSync(top, { recursive: true, force: true })
  try {
    const here = copyOf(REPO, join(top, 'one'))
    const first = await build(here, ['image/bt'], options, { BT_BUILD: undefined }, CACHE)
    const there = copyOf(here, join(top, 'another user', 'ein längerer Ort'))
    const cache = join(top, 'another-cache')
    linkFolder(join(CACHE, 'downloads'), join(cache, 'downloads'))
    const root = process.getuid?.() === 0
    // Git and umask give files of a checkout these modes.
    makePrivate(top, root ? NOBODY : undefined)
    const core = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!
    const user = root
      ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs']
      : []
    const command = [
      ...[...user, 'taskset', '-c', core, 'sh', '-c', 'umask 077 && exec "$@"', 'sh'],
      join(there, 'image/bt'),
    ]
    const env = {
      HOME: join(top, 'another user'),
      PATH: process.env['PATH'],
      USER: 'nobody',
      LC_ALL: 'tr_TR.UTF-8',
      LANG: 'de_DE.UTF-8',
      TZ: 'Pacific/Chatham',
      SOURCE_DATE_EPOCH: '1',
      POSIXLY_CORRECT: '1',
    }
    const second = await build(there, command, options, env, cache, true)
    const conditions = [
      'folder, cache, umask, time zone, locale, variables, time',
      root ? 'user (root and nobody)' : 'not the user: only root can become another',
      'one core',
    ]
    return { first, second, conditions, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function copyOf(from: string, to: string): string {
  mkdirSync(to, { recursive: true })
  for (const path of COPIED) cpSync(join(from, path), join(to, path), { recursive: true })
  // Never a link to the folder: what npm removes in one would be gone in the other.
  linkFolder(realpathSync(join(from, 'node_modules')), join(to, 'node_modules'))
  return to
}

/** A folder of one's own whose files are those of another; copies where they can't be. */
function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const { path, stat } of walk(from)) {
    const [file, made] = [join(from, path), join(to, path)]
    if (stat.isDirectory()) mkdirSync(made)
    else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(file), made)
    else {
      try {
        linkSync(file, made)
      } catch {
        copyFileSync(file, made)
      }
    }
  }
}

/** Takes everything from group and others, and gives it to `user`; but not what is linked. */
function makePrivate(top: string, user: number | undefined): void {
  for (const path of ['', ...walk(top).map(({ path }) => path)]) {
    const full = join(top, path)
    const stat = lstatSync(full)
    if (stat.isSymbolicLink() || (stat.isFile() && /(^|\/)(node_modules|downloads)\//.test(path)))
      continue
    chmodSync(full, stat.mode & 0o700)
    if (user !== undefined) chownSync(full, user, user)
  }
}

async function build(
  repo: string,
  [program = '', ...args]: readonly string[],
  options: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cache: string,
  bare = false,
): Promise<Build> {
  const clean = bare
    ? Object.fromEntries(Object.keys(process.env).map(key => [key, undefined]))
    : {}
  const { code, out, err } = await call(program, [...args, 'build', '--json', ...options], {
    cwd: repo,
    env: { ...clean, ...env, BT_CACHE: cache },
  })
  if (code !== 0) throw new Error(`the build in ${repo} ended with ${code}:\n${err}\n${out}`)
  return { repo, cache, summary: JSON.parse(out) as Build['summary'] }
}
