/** Brings the bytes of sources to this machine: from the store when they are there, else fetched. */
import { fetchPackages } from '../debian/fetch.ts'
import type { LockedPackage } from '../debian/package.ts'
import { download } from '../fetch/download.ts'
import { FetchError } from '../fetch/error.ts'
import { fetchNpm } from '../fetch/npm.ts'
import { openStore } from '../fetch/store.ts'
import type { DebArch } from '../debian/apt.ts'
import type { Locks } from './locks.ts'
import type { SourceFile } from './sources.ts'

/** Locked Debian versions are gone and the lock was moved: evaluate the sources again. */
export class MovedError extends Error {
  readonly code = 'LOCK_MOVED'
  constructor() {
    super('the Debian lock was moved while sources were fetched: build again')
    this.name = 'MovedError'
  }
}

/**
 * @returns local path of every source that is not of the checkout, by its path below `$src`.
 * @throws {FetchError} `FETCH_UNREACHABLE` naming every source that is missing; {MovedError}.
 */
export async function fetchSources(
  sources: readonly SourceFile[],
  arch: DebArch,
  locks: Locks,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const store = openStore()
  const local = new Map<string, string>()
  const debian = new Map<string, LockedPackage>()
  const missing: string[] = []
  for (const { path, pin, origin } of sources) {
    if (origin.kind === 'debian') debian.set(path, origin.locked)
    else if (origin.kind === 'npm') local.set(path, await fetchNpm(origin.npm, { store, signal }))
    else if (origin.kind === 'url') {
      const [failure] = await download([{ uri: origin.url, pin, name: path }], { store, signal })
      if (failure === undefined) local.set(path, store.path(pin))
      else missing.push(`${path} (${failure.detail})`)
    }
  }
  const fetched = await fetchPackages([...debian.values()], () => locks.apt(arch), {
    store,
    signal,
  })
  if (fetched.gone.length > 0) {
    await locks.move(arch, fetched.gone)
    throw new MovedError()
  }
  for (const { locked, detail } of fetched.unreachable)
    missing.push(`${locked.name} ${locked.version} (${detail})`)
  if (missing.length > 0)
    throw new FetchError(
      'FETCH_UNREACHABLE',
      `${missing.length} sources are neither here nor reachable: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}; check the network and build again`,
    )
  for (const [path, locked] of debian) local.set(path, fetched.files.get(locked.name)!)
  return local
}
