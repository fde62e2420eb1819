/**
 * Where Debian's archives are, as this machine knows it: apt itself is asked for its index targets,
 * so every form of sources file works. Two archives are needed: `debian` (release and updates) and
 * `debian-security`. A machine that is not Debian names them in `BT_DEBIAN_MIRROR` and
 * `BT_DEBIAN_SECURITY_MIRROR`.
 */
import { readFile } from 'node:fs/promises'
import { run } from '../spawn.ts'
import { DebianError } from './error.ts'

export const ARCHIVE_KINDS = ['debian', 'debian-security'] as const
export type ArchiveKind = (typeof ARCHIVE_KINDS)[number]

/** Base URIs, each ending in `/`: below them are `dists/` and `pool/`. */
export type Archives = Readonly<Record<ArchiveKind, string>>

const VARIABLES: Record<ArchiveKind, string> = {
  debian: 'BT_DEBIAN_MIRROR',
  'debian-security': 'BT_DEBIAN_SECURITY_MIRROR',
}

/** Release names under which a Debian machine finds each archive, without `-updates` and the like. */
const RELEASES =
  /^(?:stable|oldstable|oldoldstable|testing|unstable|sid|bullseye|bookworm|trixie|forky|duke)$/

/**
 * @throws {DebianError} `DEBIAN_NO_MIRROR` when neither the environment nor apt names an archive.
 */
export async function findArchives(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Archives> {
  const found: Partial<Record<ArchiveKind, string>> = {}
  for (const kind of ARCHIVE_KINDS) {
    const value = env[VARIABLES[kind]]
    if (value) found[kind] = checkUri(value, VARIABLES[kind])
  }
  if (!found.debian || !found['debian-security']) {
    const targets = await indexTargets(env)
    for (const kind of ARCHIVE_KINDS) {
      const uri = found[kind] ?? (await firstReal(matching(targets, kind)))
      if (uri) found[kind] = uri
    }
  }
  const missing = ARCHIVE_KINDS.filter(kind => !found[kind])
  if (missing.length > 0) {
    throw new DebianError(
      'DEBIAN_NO_MIRROR',
      `apt on this machine names no archive of kind ${missing.join(' and ')}: set ` +
        missing.map(kind => `${VARIABLES[kind]}=URI`).join(' and ') +
        ' to a Debian mirror (the folder that holds dists/ and pool/)',
    )
  }
  return found as Archives
}

type Target = { uri: string; release: string; component: string; origin: string }

/** Every binary index apt would download, those with a verified Release file first. */
async function indexTargets(env: Readonly<Record<string, string | undefined>>): Promise<Target[]> {
  const format = '$(CREATED_BY)|$(TARGET_OF)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)'
  const targets: Target[] = []
  for (const extra of [[], ['--no-release-info']]) {
    let stdout: Buffer
    try {
      const args = ['indextargets', '--format', format, ...extra]
      stdout = (await run('apt-get', args, { env: { ...env, LC_ALL: 'C.UTF-8' } })).stdout
    } catch {
      continue // no apt, or a broken configuration: the caller says what to set
    }
    for (const line of stdout.toString().split('\n')) {
      const [creator, kind, uri, release, component, origin] = line.split('|')
      if (creator !== 'Packages' || kind !== 'deb' || !uri || !release) continue
      const known = origin && !origin.startsWith('$(') ? origin : ''
      targets.push({ uri, release, component: component ?? '', origin: known })
    }
  }
  return targets
}

function matching(targets: readonly Target[], kind: ArchiveKind): string[] {
  const security = kind === 'debian-security'
  const rank = (target: Target) =>
    target.origin === 'Debian' ? 0 : /debian/.test(target.uri) ? 1 : 2
  return targets
    .filter(({ release, component, origin }) => {
      const [, name, suffix = ''] = /^([a-z]+)([-/].*)?$/.exec(release) ?? []
      if (component !== 'main' || !RELEASES.test(name ?? '')) return false
      if (origin !== '' && origin !== 'Debian') return false
      return security ? /^(?:-security|\/updates)$/.test(suffix) : suffix === ''
    })
    .sort((a, b) => rank(a) - rank(b))
    .map(target => target.uri)
}

/** Debian's cloud images name a local list of mirrors; its first line is taken. */
async function firstReal(uris: readonly string[]): Promise<string | undefined> {
  for (const uri of uris) {
    const list = /^mirror\+file:(\/.*?)\/?$/.exec(uri)
    if (!list) return checkUri(uri, 'apt')
    const lines = await readFile(list[1]!, 'utf8').catch(() => '')
    const first = lines.split('\n').find(line => /^[a-z+]+:/.test(line))
    if (first) return checkUri(first.split(/\s/)[0]!, list[1]!)
  }
  return undefined
}

function checkUri(uri: string, where: string): string {
  if (!/^[a-z+]+:\/[^\s'"[\]]*$/.test(uri)) {
    throw new DebianError('DEBIAN_NO_MIRROR', `${where} names ${JSON.stringify(uri)}: not a URI`)
  }
  return uri.endsWith('/') ? uri : `${uri}/`
}
