/**
 * What `bt` needs of the host besides Node: programs that every Debian has, and the keys that sign
 * Debian's archive. Plain JavaScript, because set-up runs on the host's Node, which may be 20.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @type {import('./host.d.mts').Need[]} */
export const NEEDS = [
  { program: 'apt-get', package: 'apt', why: 'resolves and fetches the locked Debian packages' },
  { program: 'apt-cache', package: 'apt', why: 'reads the package lists of the target release' },
  { program: 'dpkg-deb', package: 'dpkg', why: 'unpacks Debian packages' },
  { program: 'gpgv', package: 'gpgv', why: 'checks the signatures of the archive' },
  { program: 'tar', package: 'tar', why: 'unpacks sources' },
]

const KEYRINGS = '/usr/share/keyrings'

/** Whether the keys of Debian 13 are here; older versions of the package lack them. */
export function hasKeys(folder = KEYRINGS) {
  const has = name => ['gpg', 'pgp'].some(end => existsSync(join(folder, `${name}.${end}`)))
  return has('debian-archive-keyring') && has('debian-archive-trixie-automatic')
}

/** Path of a program on the PATH, or undefined. */
export function which(program, path = process.env.PATH ?? '') {
  return path
    .split(delimiter)
    .filter(folder => folder !== '')
    .map(folder => join(folder, program))
    .find(file => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** What of {@link NEEDS} and the keys is missing, as packages with the reason. */
export function missing() {
  const lacking = NEEDS.filter(need => which(need.program) === undefined)
  if (!hasKeys())
    lacking.push({
      program: 'the keys of Debian 13',
      package: 'debian-archive-keyring',
      why: 'the signatures of the archive are checked against them',
    })
  return lacking
}

/** Name of the host's system, and whether it is a Debian 12, 13 or a derivative with apt. */
export function host(file = '/etc/os-release') {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const field = name => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? ''
  const ids = [field('ID'), ...field('ID_LIKE').split(' ')]
  return { name: field('PRETTY_NAME') || 'an unknown Linux', debian: ids.includes('debian') }
}
