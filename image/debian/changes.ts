/** What moved between two locks, for people and for `--json`. */
import type { Lock } from './lock.ts'
import type { LockedPackage } from './package.ts'

export type Changes = {
  readonly moved: readonly { readonly name: string; readonly from: string; readonly to: string }[]
  readonly added: readonly { readonly name: string; readonly version: string }[]
  readonly removed: readonly { readonly name: string; readonly version: string }[]
  /** Same version, other bytes: an archive must not do that. */
  readonly altered: readonly { readonly name: string; readonly version: string }[]
  /** Same package, carried by other recipes. */
  readonly reassigned: readonly {
    readonly name: string
    readonly from: readonly string[]
    readonly to: readonly string[]
  }[]
}

/** Each list is sorted by name. `before` may be missing: then all is added. */
export function lockChanges(before: Lock | undefined, after: Lock): Changes {
  const old = before?.packages ?? new Map<string, LockedPackage & { recipes: readonly string[] }>()
  const named = ({ name, version }: LockedPackage) => ({ name, version })
  const both = [...after.packages.values()].flatMap(now => {
    const was = old.get(now.name)
    return was ? [{ name: now.name, was, now }] : []
  })
  const same = both.filter(({ was, now }) => was.version === now.version)
  const byName = <T extends { name: string }>(list: T[]) =>
    list.sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    moved: byName(
      both
        .filter(({ was, now }) => was.version !== now.version)
        .map(({ name, was, now }) => ({ name, from: was.version, to: now.version })),
    ),
    added: byName([...after.packages.values()].filter(({ name }) => !old.has(name)).map(named)),
    removed: byName([...old.values()].filter(({ name }) => !after.packages.has(name)).map(named)),
    altered: byName(
      same.filter(({ was, now }) => was.sha256 !== now.sha256).map(({ now }) => named(now)),
    ),
    reassigned: byName(
      same
        .filter(({ was, now }) => was.recipes.join() !== now.recipes.join())
        .map(({ name, was, now }) => ({ name, from: was.recipes, to: now.recipes })),
    ),
  }
}

/** How many packages differ in any way. */
export function changeCount(changes: Changes): number {
  return Object.values(changes).reduce((sum, list) => sum + list.length, 0)
}

/** One line per package, old before new. */
export function changeLines(changes: Changes): string[] {
  return [
    ...changes.moved.map(({ name, from, to }) => `${name} ${from} -> ${to}`),
    ...changes.added.map(({ name, version }) => `${name} ${version} (new)`),
    ...changes.removed.map(({ name, version }) => `${name} ${version} (no longer needed)`),
    ...changes.altered.map(
      ({ name, version }) => `${name} ${version} (other bytes under one version!)`,
    ),
    ...changes.reassigned.map(({ name, from, to }) => {
      const [more, less] = [without(to, from), without(from, to)]
      const parts = [more && `also in ${more}`, less && `no longer in ${less}`]
      return `${name}: ${parts.filter(part => part !== '').join(', ')}`
    }),
  ]
}

const without = (names: readonly string[], others: readonly string[]) =>
  names.filter(name => !others.includes(name)).join(', ')
