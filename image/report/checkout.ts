/**
 * Which state of this repository a build came from: a hash over the files that can change it, and the
 * git commit, when there is one.
 *
 * The hash is `dirHash` of in-toto (Hash1 of Go's dirhash, in hex): SHA-256 of the lines
 * `<SHA-256 of a file>  <path>\n`, sorted by path. `sha256sum` and `sort` make it as well.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sha256, sha256File } from '../engine/digest.ts'
import { findFiles } from '../engine/files.ts'
import type { SourceFile } from '../engine/sources.ts'
import { REPO } from '../paths.ts'
import { run, SpawnError } from '../spawn.ts'

export type Checkout = {
  /** 64 hex digits. */
  readonly dirHash: string
  /** Files that the hash is over, sorted. */
  readonly files: readonly string[]
  /** 40 or 64 hex digits; undefined outside of a git checkout. */
  readonly commit?: string
  /** True when one of the files is not as it is in the commit. */
  readonly modified?: boolean
}

/** The engine, the recipes, the boards and what pins the rest. */
const ALWAYS = ['image/**', 'recipes/**', 'board/*.ts', 'package.json', 'package-lock.json']

/** @param sources  Of all recipes; those of the checkout count, with the hashes they had when used. */
export async function describeCheckout(
  sources: Iterable<readonly SourceFile[]>,
  repo = REPO,
): Promise<Checkout> {
  const hashes = new Map<string, string>()
  for (const path of findFiles(repo, ALWAYS).files) hashes.set(path, sha256File(join(repo, path)))
  for (const list of sources)
    for (const { path, pin, origin } of list)
      if (origin.kind === 'checkout') hashes.set(path, pin.replace('sha256:', ''))
  const files = [...hashes.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const dirHash = sha256(files.map(path => `${hashes.get(path)}  ${path}\n`).join(''))
  return { dirHash, files, ...(await gitState(repo, files)) }
}

/** Nothing when git is not there, or knows nothing of this folder. */
async function gitState(
  repo: string,
  files: readonly string[],
): Promise<Pick<Checkout, 'commit' | 'modified'>> {
  if (!existsSync(join(repo, '.git'))) return {}
  // Variables of a hook that calls us must not lead to another repository.
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], GIT_OPTIONAL_LOCKS: '0' }
  const git = async (...args: string[]) =>
    (await run('git', ['-C', repo, ...args], { env })).stdout.toString()
  try {
    const [commit, tracked, changed] = await Promise.all([
      git('rev-parse', '--verify', 'HEAD'),
      git('ls-files', '-z', '--cached'),
      git('diff', '--name-only', '-z', 'HEAD', '--'),
    ])
    const clean = new Set(tracked.split('\0')).difference(new Set(changed.split('\0')))
    return { commit: commit.trim(), modified: !files.every(path => clean.has(path)) }
  } catch (error) {
    if (error instanceof SpawnError) return {}
    throw error
  }
}
