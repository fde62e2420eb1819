/**
 * Makes a lock anew. Each image recipe is resolved together with what it needs, so that apt chooses
 * the same alternatives for both, and gets what the recipes below it do not carry already.
 */
import picomatch from 'picomatch'
import { SUITE, type Apt } from './apt.ts'
import { DebianError } from './error.ts'
import type { LockInputs } from './inputs.ts'
import type { Lock, LockedRecipe } from './lock.ts'
import { openResolver } from './resolve.ts'

export type RelockOptions = {
  /** Versions to keep where the archive still has them; without it everything is the newest. */
  readonly keep?: Lock
  readonly signal?: AbortSignal
}

/**
 * @param apt  With lists, see {@link Apt.update}.
 * @throws {DebianError} `DEBIAN_UNRESOLVED`, `DEBIAN_SHARED_PACKAGE`.
 */
export async function relock(
  apt: Apt,
  inputs: LockInputs,
  options: RelockOptions = {},
): Promise<Lock> {
  try {
    return await resolveAll(apt, inputs, options)
  } catch (error) {
    // Kept versions may contradict what a new name needs; then all move together.
    if (!options.keep || !(error instanceof DebianError) || error.code !== 'DEBIAN_UNRESOLVED')
      throw error
    const { keep: _, ...newest } = options
    return resolveAll(apt, inputs, newest)
  }
}

async function resolveAll(
  apt: Apt,
  inputs: LockInputs,
  { keep, signal }: RelockOptions,
): Promise<Lock> {
  const resolver = await openResolver(apt, [...(keep?.packages.values() ?? [])], signal)
  try {
    const closures = new Map(
      await Promise.all(
        [...inputs].map(async ([name, input]) => {
          const names = [name, ...input.needs].flatMap(below => inputs.get(below)?.debian ?? [])
          return [name, await resolver.closure([...new Set(names)], name)] as const
        }),
      ),
    )
    const carriers = new Map<string, string[]>()
    for (const [name, input] of inputs)
      for (const found of carried(name, input, inputs, closures))
        carriers.set(found, [...(carriers.get(found) ?? []), name])
    refuseShared(carriers, inputs)
    const packages: Lock['packages'] = new Map(
      [...(await resolver.packages())].flatMap(([name, locked]) => {
        const recipes = carriers.get(name)
        return recipes ? [[name, { ...locked, recipes: recipes.sort() }] as const] : []
      }),
    )
    return { suite: SUITE, arch: apt.arch, recipes: inputs, packages }
  } finally {
    await resolver.close()
  }
}

/** Names of the packages that a recipe carries itself. */
function carried(
  name: string,
  input: LockedRecipe,
  inputs: LockInputs,
  closures: ReadonlyMap<string, readonly string[]>,
): string[] {
  const below = [...new Set(input.needs)].filter(needed => needed !== name)
  const there = new Set(below.flatMap(needed => closures.get(needed) ?? []).map(nameOf))
  const dropped = picomatch([name, ...below].flatMap(recipe => inputs.get(recipe)?.without ?? []))
  const kept = input.only.length > 0 ? picomatch([...input.only]) : () => true
  return (closures.get(name) ?? [])
    .map(nameOf)
    .filter(found => kept(found) && !dropped(found) && !there.has(found))
}

const nameOf = (id: string) => id.slice(0, id.indexOf('='))

function refuseShared(carriers: ReadonlyMap<string, readonly string[]>, inputs: LockInputs): void {
  const clashes = new Map<string, string[]>()
  for (const [name, recipes] of carriers) {
    const [first, second] = recipes.filter(recipe => inputs.get(recipe)?.kind === 'image').sort()
    if (!first || !second) continue
    const pair = `${first} ${second}`
    clashes.set(pair, [...(clashes.get(pair) ?? []), name])
  }
  const [found] = clashes
  if (!found) return
  const [first, second] = found[0].split(' ')
  const [some, more] = [found[1].slice(0, 8).join(', '), found[1].length - 8]
  throw new DebianError(
    'DEBIAN_SHARED_PACKAGE',
    `recipes ${first} and ${second} would both carry ${some}${more > 0 ? ` and ${more} more` : ''}: ` +
      `let one need the other (needs: ['${first}'] in recipes/${second}.ts), ` +
      'or move these to a recipe that both need',
  )
}
