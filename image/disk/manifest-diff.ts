/** What differs between two images, from their manifests alone: packages, files, sizes. */
import type { Manifest, ManifestFile } from './manifest.ts'

export type PackageChange = {
  readonly name: string
  readonly recipe: string
  /** Version before; undefined when the package is new. */
  readonly before: string | undefined
  /** Version after; undefined when the package is gone. */
  readonly after: string | undefined
  /** Bytes of its files. */
  readonly bytesBefore: number
  readonly bytesAfter: number
  /** Files added, removed or changed. */
  readonly files: number
}

export type FileChange = {
  readonly path: string
  readonly change: 'added' | 'removed' | 'changed'
  /** What changed, for people: `contents`, `mode 755 -> 4755`. */
  readonly what: readonly string[]
  readonly bytesBefore: number
  readonly bytesAfter: number
  readonly package: string | undefined
}

export type ManifestDiff = {
  /** Board, version, profile and kernel where they differ: `[before, after]`. */
  readonly head: Readonly<Record<string, readonly [string, string]>>
  /** Those with another version or another file, sorted by name. */
  readonly packages: readonly PackageChange[]
  /** Sorted by how much their size changed, then by path. */
  readonly files: readonly FileChange[]
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** Files that no package owns are counted under this name. */
export const NO_PACKAGE = '(made by the build)'

export function compareManifests(a: Manifest, b: Manifest): ManifestDiff {
  const files = changedFiles(a, b)
  const heads = (['board', 'version', 'profile', 'kernel'] as const).filter(k => a[k] !== b[k])
  return {
    head: Object.fromEntries(heads.map(key => [key, [a[key], b[key]] as const])),
    packages: changedPackages(a, b, files),
    files,
    bytesBefore: bytesOf(a.files),
    bytesAfter: bytesOf(b.files),
  }
}

/** Bytes of the files of each package, by its name; {@link NO_PACKAGE} for the rest. */
export function bytesByPackage(manifest: Manifest): Map<string, number> {
  const bytes = new Map<string, number>()
  for (const file of manifest.files) {
    if (file.type !== 'file') continue
    const name = file.package ?? NO_PACKAGE
    bytes.set(name, (bytes.get(name) ?? 0) + file.size)
  }
  return bytes
}

export function bytesOf(files: readonly ManifestFile[]): number {
  return files.reduce((sum, file) => sum + (file.type === 'file' ? file.size : 0), 0)
}

function changedFiles(a: Manifest, b: Manifest): FileChange[] {
  const before = new Map(a.files.map(file => [file.path, file]))
  const after = new Map(b.files.map(file => [file.path, file]))
  const changes: FileChange[] = []
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(path), after.get(path)]
    const what = old && now ? differences(old, now) : []
    if (old && now && what.length === 0) continue
    changes.push({
      path,
      change: old === undefined ? 'added' : now === undefined ? 'removed' : 'changed',
      what,
      bytesBefore: old?.type === 'file' ? old.size : 0,
      bytesAfter: now?.type === 'file' ? now.size : 0,
      package: (now ?? old)!.package,
    })
  }
  const weight = (c: FileChange) => Math.abs(c.bytesAfter - c.bytesBefore)
  return changes.sort((x, y) => weight(y) - weight(x) || (x.path < y.path ? -1 : 1))
}

function differences(old: ManifestFile, now: ManifestFile): string[] {
  if (old.type !== now.type) return [`${old.type} -> ${now.type}`]
  const what: string[] = []
  if (old.sha256 !== now.sha256) what.push('contents')
  if (old.target !== now.target) what.push(`target ${old.target} -> ${now.target}`)
  if (old.mode !== now.mode) what.push(`mode ${old.mode.toString(8)} -> ${now.mode.toString(8)}`)
  if (old.package !== now.package)
    what.push(`package ${old.package ?? 'none'} -> ${now.package ?? 'none'}`)
  return what
}

function changedPackages(a: Manifest, b: Manifest, files: readonly FileChange[]): PackageChange[] {
  const [before, after] = [a, b].map(m => new Map(m.packages.map(p => [p.name, p]))) as [
    Map<string, Manifest['packages'][number]>,
    Map<string, Manifest['packages'][number]>,
  ]
  const [bytesBefore, bytesAfter] = [bytesByPackage(a), bytesByPackage(b)]
  const touched = Map.groupBy(files, file => file.package ?? NO_PACKAGE)
  return [...new Set([...before.keys(), ...after.keys(), ...touched.keys()])]
    .sort()
    .map(name => ({
      name,
      recipe: (after.get(name) ?? before.get(name))?.recipe ?? '',
      before: before.get(name)?.version,
      after: after.get(name)?.version,
      bytesBefore: bytesBefore.get(name) ?? 0,
      bytesAfter: bytesAfter.get(name) ?? 0,
      files: touched.get(name)?.length ?? 0,
    }))
    .filter(p => p.before !== p.after || p.files > 0)
}
