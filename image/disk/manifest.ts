/**
 * `manifest.json` beside an image: every file of its root with size and SHA-256, and the package it
 * came from. It is what `bt diff` and `bt size` read, so that neither has to open an image. One line
 * a package, one line a file, sorted by path, so that it can be compared by eye as well.
 */
import { join } from 'node:path'
import { scan } from '../engine/tree.ts'

export type ManifestPackage = {
  readonly name: string
  /** Version of the Debian package, or of the recipe for what it makes itself. */
  readonly version: string
  readonly recipe: string
}

export type ManifestFile = {
  /** Relative, without leading slash. */
  readonly path: string
  readonly type: 'file' | 'dir' | 'link'
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number
  /** Bytes; 0 for folders. */
  readonly size: number
  /** Of files, lower-case hex. */
  readonly sha256?: string
  /** Of links. */
  readonly target?: string
  /** Name of the package; files made while the root was put together have none. */
  readonly package?: string
}

/** Which image it is; empty where the build did not say. */
export type ManifestHead = {
  readonly board: string
  readonly version: string
  readonly profile: string
  /** Recipe of the kernel. */
  readonly kernel: string
}

export type Manifest = ManifestHead & {
  readonly format: 1
  readonly packages: readonly ManifestPackage[]
  readonly files: readonly ManifestFile[]
}

export type ManifestErrorCode =
  'MANIFEST_MALFORMED' | 'MANIFEST_UNKNOWN_PACKAGE' | 'MANIFEST_NOT_FOUND'

/** A manifest that can't be made or read. */
export class ManifestError extends Error {
  readonly code: ManifestErrorCode
  constructor(code: ManifestErrorCode, message: string) {
    super(message)
    this.name = 'ManifestError'
    this.code = code
  }
}

/** Who owns what: packages, and the package's name of each path. */
export type Owners = {
  readonly packages: readonly ManifestPackage[]
  readonly of: ReadonlyMap<string, string>
}

/**
 * Lists a folder, hashing every file. Packages of which nothing is left are dropped.
 *
 * @throws {ManifestError} `MANIFEST_UNKNOWN_PACKAGE` when a path is owned by a package that
 *   `owners.packages` does not list.
 * @throws {ScanError} on sockets, pipes and devices.
 */
export function writeManifest(root: string, head: ManifestHead, owners: Owners): Manifest {
  const known = new Set(owners.packages.map(p => p.name))
  const used = new Set<string>()
  const files = scan(root).map(({ path, type, mode, size, content }): ManifestFile => {
    const owner = type === 'dir' ? undefined : owners.of.get(path)
    if (owner !== undefined && !known.has(owner))
      throw new ManifestError(
        'MANIFEST_UNKNOWN_PACKAGE',
        `${join(root, path)} is owned by ${owner}, which is not among the packages`,
      )
    if (owner !== undefined) used.add(owner)
    return {
      path,
      type,
      mode,
      size,
      ...(type === 'file' && { sha256: content }),
      ...(type === 'link' && { target: content }),
      ...(owner !== undefined && { package: owner }),
    }
  })
  const packages = owners.packages
    .filter(p => used.has(p.name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return { format: 1, ...head, packages, files }
}

/** The file's text. */
export function formatManifest({ packages, files, ...head }: Manifest): string {
  const lines = (rows: readonly object[]) =>
    rows.map(row => `    ${JSON.stringify(row)}`).join(',\n')
  const fields = Object.entries(head).map(
    ([k, v]) => `  ${JSON.stringify(k)}: ${JSON.stringify(v)}`,
  )
  return `{
${fields.join(',\n')},
  "packages": [
${lines(packages)}
  ],
  "files": [
${lines(files)}
  ]
}
`
}

/** @throws {ManifestError} `MANIFEST_MALFORMED` naming the field that is not as it must be. */
export function parseManifest(text: string): Manifest {
  const bad = (what: string): never => {
    throw new ManifestError('MANIFEST_MALFORMED', `manifest: ${what}`)
  }
  let value: Partial<Manifest> | null
  try {
    value = JSON.parse(text) as Partial<Manifest> | null
  } catch (error) {
    return bad(`is not JSON: ${(error as Error).message}`)
  }
  if (value?.format !== 1) return bad(`format is ${value?.format}, 1 expected`)
  for (const field of ['board', 'version', 'profile', 'kernel'] as const)
    if (typeof value[field] !== 'string') bad(`${field} is ${value[field]}, text expected`)
  const { packages, files } = value
  if (!Array.isArray(packages) || !Array.isArray(files)) return bad('no packages or no files')
  packages.forEach((p: Partial<ManifestPackage> | null, i) => {
    for (const field of ['name', 'version', 'recipe'] as const)
      if (typeof p?.[field] !== 'string') bad(`packages[${i}].${field} is ${p?.[field]}`)
  })
  files.forEach((file: Partial<ManifestFile> | null, i) => {
    const fault = fileFault(file ?? {})
    if (fault !== undefined) bad(`files[${i}].${fault}`)
  })
  return value as Manifest
}

function fileFault(file: Partial<ManifestFile>): string | undefined {
  const whole = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0
  const { path, type, mode, size, sha256, target } = file
  if (typeof path !== 'string' || path === '') return `path is ${path}`
  if (type !== 'file' && type !== 'dir' && type !== 'link') return `type is ${type}`
  if (!whole(mode) || mode! > 0o7777) return `mode is ${mode}`
  if (!whole(size)) return `size is ${size}`
  if (type === 'file' && !/^[0-9a-f]{64}$/.test(sha256 ?? '')) return `sha256 is ${sha256}`
  if (type === 'link' && typeof target !== 'string') return `target is ${target}`
  if (file.package !== undefined && typeof file.package !== 'string')
    return `package is ${file.package}`
  return undefined
}
