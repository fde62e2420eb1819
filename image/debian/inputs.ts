/** What the lock is made from: of every recipe the part that decides which packages it gets. */
import type { Source } from '../../recipes/recipe.ts'
import { DebianError } from './error.ts'
import type { Lock, LockedRecipe } from './lock.ts'

/** The part of an evaluated recipe that is looked at here. */
export type Asking = {
  readonly name: string
  readonly kind: 'image' | 'tool' | 'part'
  readonly sources: readonly Source[]
  readonly needs: readonly string[]
}

/** Recipes with Debian packages, by name. */
export type LockInputs = ReadonlyMap<string, LockedRecipe>

/**
 * @param recipes  All of them, also those without Debian packages: needs are followed through them.
 * @throws {DebianError} `DEBIAN_UNRESOLVED` when a recipe has two sources of this kind.
 */
export function lockInputs(recipes: Iterable<Asking>): LockInputs {
  const all = new Map([...recipes].map(recipe => [recipe.name, recipe]))
  const sorted = (names: readonly string[] | undefined) => [...new Set(names)].sort()
  const inputs = new Map<string, LockedRecipe>()
  for (const { name, kind, sources } of all.values()) {
    const [source, ...more] = sources.filter(source => 'debian' in source)
    if (!source) continue
    if (more.length > 0) {
      throw new DebianError(
        'DEBIAN_UNRESOLVED',
        `recipe ${name} has ${more.length + 1} sources of kind debian, one expected: join their names`,
      )
    }
    inputs.set(name, {
      kind,
      debian: sorted(source.debian),
      only: sorted(source.only),
      without: sorted(source.without),
      // Tools and parts are worlds of their own: nothing of the image is on their disk.
      needs:
        kind === 'image' ? sorted([...below(all, name)].filter(found => carries(all, found))) : [],
    })
  }
  return inputs
}

/** With `only` it carries a choice, not a closure that others could stand on. */
function carries(all: ReadonlyMap<string, Asking>, name: string): boolean {
  const recipe = all.get(name)
  if (recipe?.kind !== 'image') return false
  return recipe.sources.some(source => 'debian' in source && source.only === undefined)
}

/** Names of everything that `name` needs, directly or not, without itself. */
function below(all: ReadonlyMap<string, Asking>, name: string): Set<string> {
  const found = new Set<string>()
  const queue = [...(all.get(name)?.needs ?? [])]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === name || found.has(next)) continue
    found.add(next)
    queue.push(...(all.get(next)?.needs ?? []))
  }
  return found
}

/** Recipes whose entry in the lock does not say what they ask for now, sorted. */
export function staleRecipes(lock: Lock, inputs: LockInputs): string[] {
  const text = (recipe: LockedRecipe | undefined) =>
    recipe &&
    JSON.stringify([recipe.kind, recipe.debian, recipe.only, recipe.without, recipe.needs])
  return [...inputs]
    .filter(([name, input]) => text(input) !== text(lock.recipes.get(name)))
    .map(([name]) => name)
    .sort()
}
