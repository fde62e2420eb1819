/**
 * From package names to exact packages: apt itself computes each closure (Depends and Pre-Depends,
 * no Recommends) as if nothing were installed. Versions of an existing lock are kept where the
 * archive still has them, by pinning them in apt's own preferences.
 */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SpawnError } from '../spawn.ts'
import { type Apt } from './apt.ts'
import { ARCHIVE_KINDS, type ArchiveKind } from './archive.ts'
import { DebianError } from './error.ts'
import { packageFault, type LockedPackage } from './package.ts'

export type Resolver = {
  /** Sorted `NAME=VERSION` of everything that installing `names` on an empty system would bring. */
  closure(names: readonly string[], recipe: string): Promise<string[]>
  /** What the archive says about the packages that were resolved so far, by name. */
  packages(): Promise<Map<string, LockedPackage>>
  close(): Promise<void>
}

/**
 * @param keep  Packages whose locked version is preferred to the archive's newest one.
 */
export async function openResolver(
  apt: Apt,
  keep: readonly LockedPackage[] = [],
  signal?: AbortSignal,
): Promise<Resolver> {
  const preferences = join(apt.folder, `preferences.${process.pid}.${++opened}`)
  await writeFile(preferences, keep.map(pin).join('\n'))
  const config = ['-o', `Dir::Etc::preferences=${preferences}`]
  /** `NAME=VERSION` to the archive that has it. */
  const seen = new Map<string, ArchiveKind>()

  const closure: Resolver['closure'] = async (names, recipe) => {
    if (names.length === 0) return []
    const args = [...config, 'install', '--print-uris', '-q', '--', ...names]
    let listing: string
    try {
      // What it can't satisfy, apt says on standard output.
      listing = await apt.run('sh', ['-c', 'exec apt-get "$@" 2>&1', 'sh', ...args], signal)
    } catch (error) {
      throw unresolved(error, recipe, names)
    }
    const found: string[] = []
    for (const line of listing.split('\n')) {
      const match = /^'([^']+)' ([^ _]+)_([^ _]+)_[^ _]+\.deb [0-9]+ /.exec(line)
      if (!match) continue
      const id = `${match[2]!}=${decodeURIComponent(match[3]!)}`
      seen.set(id, archiveOf(apt, decodeURI(match[1]!)))
      found.push(id)
    }
    return found.sort()
  }

  return {
    closure,
    async packages() {
      const records = await show(apt, [...seen.keys()], signal)
      const packages = new Map<string, LockedPackage>()
      for (const record of records) {
        const archive = seen.get(`${record['Package']}=${record['Version']}`)
        if (archive) packages.set(record['Package']!, toPackage(record, archive))
      }
      const missing = [...seen.keys()].filter(id => !packages.has(id.slice(0, id.indexOf('='))))
      if (missing.length > 0)
        throw new DebianError('DEBIAN_UNRESOLVED', `apt shows no record of ${missing.join(', ')}`)
      return packages
    },
    close: () => rm(preferences, { force: true }),
  }
}
let opened = 0

/** The archive's newest version of each package that it has at all. */
export async function newestVersions(
  apt: Apt,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  if (names.length === 0) return new Map()
  const text = await apt.run('apt-cache', ['policy', '--', ...names], signal)
  const found = text.matchAll(/^(\S+):\n.*\n {2}Candidate: (?!\(none\))(\S+)$/gm)
  return new Map([...found].map(match => [match[1]!, match[2]!]))
}

/** Priority above 1000: also when the archive has a newer one. See apt_preferences(5). */
function pin({ name, version }: LockedPackage): string {
  return `Package: ${name}\nPin: version ${version}\nPin-Priority: 1001\n`
}

function archiveOf(apt: Apt, uri: string): ArchiveKind {
  // The longer base first: one may be the beginning of the other.
  const kinds = [...ARCHIVE_KINDS].sort((a, b) => apt.archives[b].length - apt.archives[a].length)
  const kind = kinds.find(kind => uri.startsWith(decodeURI(apt.archives[kind])))
  if (kind) return kind
  throw new DebianError('DEBIAN_UNRESOLVED', `apt names ${uri}, which is in none of its archives`)
}

type Record822 = Record<string, string>

/** Control records as the archive's index has them; continuation lines are joined. */
async function show(apt: Apt, ids: readonly string[], signal?: AbortSignal): Promise<Record822[]> {
  if (ids.length === 0) return []
  const text = await apt.run('apt-cache', ['show', '--', ...ids], signal)
  return text
    .split(/\n\n+/)
    .filter(block => block !== '')
    .map(block =>
      Object.fromEntries(
        [...block.matchAll(/^([A-Za-z0-9-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)].map(m => [m[1], m[2]]),
      ),
    )
}

function toPackage(record: Record822, archive: ArchiveKind): LockedPackage {
  const name = record['Package'] ?? ''
  const version = record['Version'] ?? ''
  // `Source:` is there only when it differs, its version too (Debian Policy 5.6.1).
  const [, source, sourceVersion] = /^(\S+)(?: \(([^)]+)\))?$/.exec(record['Source'] ?? name) ?? []
  const locked = {
    name,
    version,
    source: source ?? name,
    sourceVersion: sourceVersion ?? version,
    archive,
    path: record['Filename'] ?? '',
    size: Number(record['Size']),
    sha256: record['SHA256'] ?? '',
  }
  const fault = packageFault(locked)
  if (fault) throw new DebianError('DEBIAN_UNRESOLVED', `the archive's record of ${name}: ${fault}`)
  return locked
}

function unresolved(error: unknown, recipe: string, names: readonly string[]): unknown {
  if (!(error instanceof SpawnError) || error.code !== 'SPAWN_FAILED') return error
  const unknown = [...error.message.matchAll(/Unable to locate package (\S+)/g)].map(m => m[1]!)
  return new DebianError(
    'DEBIAN_UNRESOLVED',
    unknown.length > 0
      ? `recipe ${recipe} names ${unknown.join(', ')}: Debian has no such package; ` +
          'look the name up with apt-cache search'
      : `recipe ${recipe}: apt finds no set of packages for ${names.join(' ')}: ` +
          error.message
            .replace(/^[^]*unmet dependencies:\n/, '')
            .replace(/^(?:E: |\s)*/gm, '\n  ')
            .replace(/\n\s*\n/g, '\n'),
    error,
  )
}
