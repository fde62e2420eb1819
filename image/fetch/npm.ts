/**
 * Packages of the npm registry, pinned by `package-lock.json` and fetched by npm itself, so that its
 * registry, proxy and credentials are those of this machine and its cache is used. The integrity is
 * checked again here: nothing counts that the lock file does not name.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CACHE, REPO } from '../paths.ts'
import { run, SpawnError } from '../spawn.ts'
import { FetchError } from './error.ts'
import { openStore, type Pin, type Store } from './store.ts'

export type NpmPin = {
  readonly name: string
  readonly version: string
  /** SHA-512 of the tarball. */
  readonly pin: Pin
  /** What the package says of itself, most often an SPDX expression. */
  readonly license?: string
}

/** @throws {FetchError} `FETCH_NOT_PINNED` when the lock file has no such package or no SHA-512. */
export function npmPin(name: string, file = join(REPO, 'package-lock.json')): NpmPin {
  type Entry = { version?: string; integrity?: string; license?: string } | undefined
  const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages?: Record<string, Entry> }
  const entry = lock.packages?.[`node_modules/${name}`]
  const digest = /(?:^| )sha512-([A-Za-z0-9+/]{86}==)(?: |$)/.exec(entry?.integrity ?? '')?.[1]
  if (!entry?.version || !digest) {
    const found = entry ? `${name} without a SHA-512 integrity` : `no package ${name}`
    throw new FetchError(
      'FETCH_NOT_PINNED',
      `${file} has ${found}: add it with npm install --save-exact ${name}`,
    )
  }
  const hex = Buffer.from(digest, 'base64').toString('hex')
  const { version, license } = entry
  return { name, version, pin: `sha512:${hex}`, ...(license !== undefined && { license }) }
}

/**
 * @returns path of the tarball in the store.
 * @throws {FetchError} `FETCH_NOT_AUTHENTIC`, `FETCH_GONE`, `FETCH_UNREACHABLE`.
 */
export async function fetchNpm(
  { name, version, pin }: NpmPin,
  options: { readonly store?: Store; readonly signal?: AbortSignal } = {},
): Promise<string> {
  const store = options.store ?? openStore()
  const there = await store.has(pin)
  if (there) return there
  await mkdir(join(CACHE, 'downloads'), { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'downloads/npm-'))
  try {
    const args = ['pack', `${name}@${version}`, '--pack-destination', folder]
    await run('npm', [...args, '--ignore-scripts', '--prefer-offline', '--loglevel=error'], {
      cwd: REPO,
      ...(options.signal && { signal: options.signal }),
    })
    const [tarball] = await readdir(folder)
    if (tarball && (await store.take(join(folder, tarball), pin))) return store.path(pin)
    throw new FetchError(
      'FETCH_NOT_AUTHENTIC',
      `npm gave another ${name}@${version} than package-lock.json names (${pin.slice(0, 23)}…): ` +
        'the registry or its cache is wrong; npm cache verify may help',
    )
  } catch (error) {
    if (!(error instanceof SpawnError) || error.code !== 'SPAWN_FAILED') throw error
    const gone = /\bE404\b|ETARGET/.test(error.message)
    const altered = /EINTEGRITY/.test(error.message)
    throw new FetchError(
      altered ? 'FETCH_NOT_AUTHENTIC' : gone ? 'FETCH_GONE' : 'FETCH_UNREACHABLE',
      `npm can't fetch ${name}@${version}: ${error.message}`,
      error,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
