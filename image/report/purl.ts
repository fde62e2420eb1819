/** Package URLs (purl, ECMA-427): how tools that look up known faults name packages. */
import { archOf, type LockedPackage } from '../debian/package.ts'

/** Debian's version number of the suite that recipes are locked to, see `SUITE` in debian/apt.ts. */
const DISTRO = 'debian-13'

/**
 * A Debian package. `upstream` is there when the source has another name or version, since advisories
 * are about sources.
 */
export function debianPurl(locked: LockedPackage): string {
  const { name, version, source, sourceVersion } = locked
  const upstream =
    source === name && sourceVersion === version
      ? ''
      : `&upstream=${part(source)}${sourceVersion === version ? '' : `@${part(sourceVersion)}`}`
  return `pkg:deb/debian/${part(name)}@${part(version)}?arch=${archOf(locked)}&distro=${DISTRO}${upstream}`
}

/** The source package of a Debian package. */
export function debianSourcePurl(source: { name: string; version: string }): string {
  return `pkg:deb/debian/${part(source.name)}@${part(source.version)}?arch=source&distro=${DISTRO}`
}

/** @param name  With its scope: `@a/b` becomes the namespace `%40a`. */
export function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.split('/').map(part).join('/')}@${part(version)}`
}

/** All but letters, digits, `.-_~:` is encoded, as the specification asks for. */
function part(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
