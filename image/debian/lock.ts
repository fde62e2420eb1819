/**
 * `recipes/debian.ARCH.lock.json`: which packages, exactly, each recipe is made of. One line a
 * recipe, one line a package, all sorted, no time and no host in it, so that a diff shows what moved.
 */
import { DebianError } from './error.ts'
import { SUITE, type DebArch } from './apt.ts'
import { packageFault, type LockedPackage } from './package.ts'

/** What a recipe asks for, as far as it decides which packages it gets; lists are sorted. */
export type LockedRecipe = {
  readonly kind: 'image' | 'tool' | 'part'
  readonly debian: readonly string[]
  readonly only: readonly string[]
  readonly without: readonly string[]
  /** Recipes with Debian packages that it stands on, directly or not: theirs are left out. */
  readonly needs: readonly string[]
}

export type Lock = {
  readonly suite: string
  readonly arch: DebArch
  readonly recipes: ReadonlyMap<string, LockedRecipe>
  readonly packages: ReadonlyMap<string, LockedPackage & { readonly recipes: readonly string[] }>
}

/** What is locked for a recipe, sorted by name; empty for recipes without Debian packages. */
export function packagesOf(lock: Lock, recipe: string): LockedPackage[] {
  return [...lock.packages.values()]
    .filter(({ recipes }) => recipes.includes(recipe))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The file's text: canonical, so that equal locks are equal bytes. */
export function formatLock(lock: Lock): string {
  const lines = <T>(entries: ReadonlyMap<string, T>, fields: readonly (keyof T & string)[]) =>
    [...entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(pick(value, fields))}`)
      .join(',\n')
  return `{
  "format": 1,
  "suite": ${JSON.stringify(lock.suite)},
  "arch": ${JSON.stringify(lock.arch)},
  "recipes": {
${lines(lock.recipes, RECIPE_FIELDS)}
  },
  "packages": {
${lines(lock.packages, PACKAGE_FIELDS)}
  }
}
`
}

/** The fields in one order, lists sorted. */
function pick<T>(value: T, fields: readonly (keyof T & string)[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.map(field => {
      const found = value[field]
      return [field, Array.isArray(found) ? [...(found as string[])].sort() : found]
    }),
  )
}

const RECIPE_FIELDS = ['kind', 'debian', 'only', 'without', 'needs'] as const
const PACKAGE_FIELDS = [
  'version',
  'source',
  'sourceVersion',
  'archive',
  'path',
  'size',
  'sha256',
  'recipes',
] as const
const MAX_LOCK_BYTES = 8 * 2 ** 20

/**
 * @param where  The file's name, for messages.
 * @throws {DebianError} `DEBIAN_BAD_LOCK` on anything that {@link formatLock} would not write.
 */
export function parseLock(text: string, where: string): Lock {
  const refuse = (what: string): never => {
    throw new DebianError(
      'DEBIAN_BAD_LOCK',
      `${where}: ${what}; restore the file, or write it anew with: bt lock --update`,
    )
  }
  const object = (value: unknown, keys: readonly string[] | undefined, what: string) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return refuse(`${what} is ${JSON.stringify(value) ?? 'missing'}, expected an object`)
    const odd = Object.keys(value).find(key => keys && !keys.includes(key))
    if (odd) return refuse(`${what} has an unknown field ${JSON.stringify(odd)}`)
    return value as Record<string, unknown>
  }
  const names = (value: unknown, what: string): string[] => {
    const fits = (name: unknown) => typeof name === 'string' && /^[!-~]{1,200}$/.test(name)
    if (!Array.isArray(value) || !value.every(fits))
      return refuse(`${what} is ${JSON.stringify(value)}, expected a list of names`)
    return value as string[]
  }

  if (text.length > MAX_LOCK_BYTES)
    refuse(`${text.length} bytes, at most ${MAX_LOCK_BYTES} expected`)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    refuse(`not JSON (${(error as Error).message})`)
  }
  const top = object(json, ['format', 'suite', 'arch', 'recipes', 'packages'], 'the lock')
  if (top['format'] !== 1) refuse(`format is ${JSON.stringify(top['format'])}, expected 1`)
  if (top['suite'] !== SUITE) refuse(`suite is ${JSON.stringify(top['suite'])}, expected ${SUITE}`)
  const arch = top['arch']
  if (arch !== 'amd64' && arch !== 'arm64')
    return refuse(`arch is ${JSON.stringify(arch)}, expected amd64 or arm64`)

  const recipes = new Map<string, LockedRecipe>()
  for (const [name, value] of Object.entries(object(top['recipes'], undefined, 'recipes'))) {
    const entry = object(value, RECIPE_FIELDS, `recipe ${name}`)
    const kind = entry['kind']
    if (kind !== 'image' && kind !== 'tool' && kind !== 'part')
      return refuse(
        `kind of recipe ${name} is ${JSON.stringify(kind)}, expected image, tool or part`,
      )
    const list = (field: string) => names(entry[field], `${field} of recipe ${name}`)
    recipes.set(name, {
      kind,
      debian: list('debian'),
      only: list('only'),
      without: list('without'),
      needs: list('needs'),
    })
  }
  const packages = new Map<string, LockedPackage & { recipes: string[] }>()
  for (const [name, value] of Object.entries(object(top['packages'], undefined, 'packages'))) {
    const { recipes: users, ...rest } = object(value, PACKAGE_FIELDS, `package ${name}`)
    const fault = packageFault({ ...rest, name })
    if (fault) refuse(`package ${name}: ${fault}`)
    const carriers = names(users, `recipes of package ${name}`)
    const stranger = carriers.find(carrier => !recipes.has(carrier))
    if (stranger) refuse(`package ${name} is carried by ${stranger}, which is not in recipes`)
    packages.set(name, { ...(rest as Omit<LockedPackage, 'name'>), name, recipes: carriers })
  }
  const lock: Lock = { suite: SUITE, arch: arch as DebArch, recipes, packages }
  if (formatLock(lock) !== text) refuse('not as bt writes it (order, spaces or repeated names)')
  return lock
}
