/**
 * One Debian package as locked: everything needed to fetch it, check it and say where it is from.
 * And `packages.json`, by which steps know it: `[{name, version, arch, source, sourceVersion}]`.
 */
import { ARCHIVE_KINDS, type ArchiveKind } from './archive.ts'

export type LockedPackage = {
  readonly name: string
  readonly version: string
  /** Source package, whose licence and advisories count, and its version. */
  readonly source: string
  readonly sourceVersion: string
  readonly archive: ArchiveKind
  /** Below the archive's base: `pool/….deb`. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Of the `.deb`, lower-case hex. */
  readonly sha256: string
}

/** No package of Debian 13 comes near (the largest has about 1.5 GB). */
export const MAX_DEB_BYTES = 4 * 2 ** 30

/** `NAME_VERSION_ARCH.deb`, as the archive calls it; unique within a lock. */
export function fileName(locked: LockedPackage): string {
  return locked.path.slice(locked.path.lastIndexOf('/') + 1)
}

/** Debian's name of its architecture, or `all`. */
export function archOf(locked: LockedPackage): string {
  return fileName(locked).slice(0, -'.deb'.length).replace(/^.*_/, '')
}

/** What steps are told of a package. */
export type KnownPackage = Pick<LockedPackage, 'name' | 'version' | 'source' | 'sourceVersion'> & {
  readonly arch: string
}

/** The text of `packages.json`: one package a line. */
export function formatPackages(packages: readonly LockedPackage[]): string {
  const lines = packages.map(locked => {
    const { name, version, source, sourceVersion } = locked
    const known: KnownPackage = { name, version, arch: archOf(locked), source, sourceVersion }
    return `  ${JSON.stringify(known)}`
  })
  return `[\n${lines.join(',\n')}\n]\n`
}

/** What does not fit the type or the bounds, or nothing. Debian Policy 5.6.1, 5.6.7, 5.6.12. */
export function packageFault(value: Record<string, unknown>): string | undefined {
  const text = (key: string, pattern: RegExp) =>
    typeof value[key] === 'string' && value[key].length <= 512 && pattern.test(value[key])
      ? undefined
      : `${key} is ${JSON.stringify(value[key])}, expected ${pattern.source}`
  const name = /^[a-z0-9][a-z0-9+.-]+$/
  const version = /^(?:[0-9]+:)?[0-9][A-Za-z0-9.+~-]*$/
  const size = value['size']
  return (
    text('name', name) ??
    text('version', version) ??
    text('source', name) ??
    text('sourceVersion', version) ??
    text('archive', new RegExp(`^(?:${ARCHIVE_KINDS.join('|')})$`)) ??
    text('path', /^pool(?:\/[A-Za-z0-9+_~-][A-Za-z0-9+._~-]*)+\.deb$/) ??
    text('sha256', /^[0-9a-f]{64}$/) ??
    (Number.isSafeInteger(size) && (size as number) > 0 && (size as number) <= MAX_DEB_BYTES
      ? undefined
      : `size is ${JSON.stringify(size)}, expected bytes from 1 to ${MAX_DEB_BYTES}`)
  )
}
