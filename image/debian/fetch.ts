/** Brings the files of locked packages into the store, from wherever this machine gets Debian. */
import { join } from 'node:path'
import { download } from '../fetch/download.ts'
import { openStore, type Pin, type Store } from '../fetch/store.ts'
import type { Apt } from './apt.ts'
import type { LockedPackage } from './package.ts'

export type Fetched = {
  /** Path in the store by package name. */
  readonly files: ReadonlyMap<string, string>
  /** Packages whose locked version the archive no longer has, or has with other bytes. */
  readonly gone: readonly LockedPackage[]
  /** Packages that could not be reached, with apt's reason. */
  readonly unreachable: readonly { readonly locked: LockedPackage; readonly detail: string }[]
}

export const pinOf = (locked: LockedPackage): Pin => `sha256:${locked.sha256}`

/**
 * @param apt  Asked for only when something has to be fetched, so that a warm cache needs no mirror.
 */
export async function fetchPackages(
  packages: readonly LockedPackage[],
  apt: () => Promise<Apt>,
  options: { readonly store?: Store; readonly signal?: AbortSignal } = {},
): Promise<Fetched> {
  const store = options.store ?? openStore()
  const files = new Map<string, string>()
  const missing: LockedPackage[] = []
  for (const locked of packages) {
    const file = await store.has(pinOf(locked))
    if (file) files.set(locked.name, file)
    else missing.push(locked)
  }
  if (missing.length === 0) return { files, gone: [], unreachable: [] }

  const { archives, folder } = await apt()
  const uri = ({ archive, path }: LockedPackage) =>
    archives[archive] + path.split('/').map(encodeURIComponent).join('/')
  const failures = await download(
    missing.map(one => ({ uri: uri(one), pin: pinOf(one), size: one.size, name: one.name })),
    { store, config: join(folder, 'apt.conf'), ...(options.signal && { signal: options.signal }) },
  )
  const failed = new Map(failures.map(failure => [failure.wanted.pin, failure]))
  const gone: LockedPackage[] = []
  const unreachable: { locked: LockedPackage; detail: string }[] = []
  for (const locked of missing) {
    const failure = failed.get(pinOf(locked))
    if (!failure) files.set(locked.name, store.path(pinOf(locked)))
    else if (failure.why === 'unreachable') unreachable.push({ locked, detail: failure.detail })
    else gone.push(locked)
  }
  return { files, gone, unreachable }
}
