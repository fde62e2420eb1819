/**
 * What a recipe's sources put below `$src`: known by hash before anything is fetched, so that an
 * action can be looked up in the cache without its inputs being here.
 *
 *   debian/NAME.deb       Debian packages, by the lock of the architecture
 *   debian/packages.json  what the lock says of them, see debian/package.ts
 *   npm/NAME.tgz          npm tarballs, by package-lock.json
 *   <path>                files of the checkout
 *   <name>                files by URL and SHA-256
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { urlName, type EvaluatedRecipe } from '../recipe/check.ts'
import { mark } from './mark.ts'
import { REPO } from '../paths.ts'
import { packagesOf, type Lock } from '../debian/lock.ts'
import { formatPackages, type LockedPackage } from '../debian/package.ts'
import { npmPin, type NpmPin } from '../fetch/npm.ts'
import type { Pin } from '../fetch/store.ts'
import { sha256 } from './digest.ts'
import { findFiles } from './files.ts'

/** One file that a source puts at `$src/<path>`. */
export type SourceFile = {
  readonly path: string
  /** What it holds, by hash. */
  readonly pin: Pin
  readonly executable: boolean
  /** Where its bytes come from. */
  readonly origin:
    | { readonly kind: 'checkout'; readonly file: string }
    | { readonly kind: 'debian'; readonly locked: LockedPackage }
    | { readonly kind: 'npm'; readonly npm: NpmPin }
    | { readonly kind: 'url'; readonly url: string }
    | { readonly kind: 'text'; readonly text: string }
}

/** Everything below `$src` of a recipe, sorted by path. */
export function sourceFiles(recipe: EvaluatedRecipe, lock: Lock): SourceFile[] {
  const files: SourceFile[] = []
  for (const source of recipe.sources) {
    if ('files' in source)
      for (const path of findFiles(REPO, source.files, `${recipe.file}: sources`).files)
        files.push(checkoutFile(path))
    else if ('npm' in source) {
      const npm = npmPin(source.npm)
      files.push({
        path: `npm/${source.npm}.tgz`,
        pin: npm.pin,
        executable: false,
        origin: { kind: 'npm', npm },
      })
    } else if ('url' in source)
      files.push({
        path: urlName(source.url),
        pin: `sha256:${source.sha256}`,
        executable: false,
        origin: { kind: 'url', url: source.url },
      })
    else files.push(...debianFiles(packagesOf(lock, recipe.name)))
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function debianFiles(packages: readonly LockedPackage[]): SourceFile[] {
  const text = formatPackages(packages)
  const list: SourceFile = {
    path: 'debian/packages.json',
    pin: `sha256:${sha256(text)}`,
    executable: false,
    origin: { kind: 'text', text },
  }
  const debs = packages.map((locked): SourceFile => ({
    path: `debian/${locked.name}.deb`,
    pin: `sha256:${locked.sha256}`,
    executable: false,
    origin: { kind: 'debian', locked },
  }))
  return [list, ...debs]
}

/** What the file system says of every file and folder that a recipe takes from the checkout. */
export function markCheckout(recipe: EvaluatedRecipe): Record<string, string> {
  const marks: Record<string, string> = {}
  for (const source of recipe.sources) {
    if (!('files' in source)) continue
    const { files, folders } = findFiles(REPO, source.files, `${recipe.file}: sources`)
    for (const path of [...files, ...folders]) marks[join(REPO, path)] = mark(join(REPO, path))
  }
  return marks
}

function checkoutFile(path: string): SourceFile {
  const file = join(REPO, path)
  const pin: Pin = `sha256:${sha256(readFileSync(file))}`
  return {
    path,
    pin,
    executable: (statSync(file).mode & 0o100) !== 0,
    origin: { kind: 'checkout', file },
  }
}
