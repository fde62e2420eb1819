/**
 * Refuses recipes that do not fit, before anything runs: wrong keys and types, missing licence, a
 * bad hash, steps that would not do what they seem to do (./check-step.ts).
 */
import { basename } from 'node:path'
import parseSpdx from 'spdx-expression-parse'
import type { Context, Of, Recipe, Source } from '../../recipes/recipe.ts'
import { stepFault } from './check-step.ts'
import { nearest } from './nearest.ts'

export class RecipeError extends Error {
  readonly code:
    | 'RECIPE_FIELD_UNKNOWN'
    | 'RECIPE_FIELD_MISSING'
    | 'RECIPE_FIELD_TYPE'
    | 'RECIPE_NAME'
    | 'RECIPE_LICENSE'
    | 'RECIPE_SOURCE'
    | 'RECIPE_STEP'
    | 'RECIPE_NEED'
  constructor(code: RecipeError['code'], message: string) {
    super(message)
    this.name = 'RecipeError'
    this.code = code
  }
}

/** A recipe whose functions were called: plain data, safe to keep as JSON. */
export type EvaluatedRecipe = {
  readonly name: string
  readonly about: string
  readonly version: string
  readonly license: string
  readonly kind: 'image' | 'tool' | 'part'
  readonly sources: readonly Source[]
  readonly needs: readonly string[]
  readonly tools: readonly string[]
  readonly steps: readonly string[]
  readonly ships: readonly string[]
  readonly check: readonly string[]
  /** Path of the recipe's file relative to the checkout. */
  readonly file: string
}

const FIELDS = {
  name: 'text',
  about: 'text',
  version: 'text',
  license: 'text',
  kind: 'text',
  sources: 'list of sources',
  needs: 'list of names',
  tools: 'list of names',
  steps: 'list of steps',
  ships: 'list of globs',
  check: 'list of steps',
} as const
const OPTIONAL = ['kind', 'sources', 'needs', 'tools', 'check']
const SOURCES = [['debian', 'only', 'without'], ['npm'], ['files'], ['url', 'sha256']] as const

/**
 * Checks a recipe as its file exports it and calls its functions with `context`.
 *
 * @param file  Its path, named in every error.
 * @throws {RecipeError} for the first thing that does not fit.
 */
export function evaluate(value: unknown, context: Context, file: string): EvaluatedRecipe {
  const fail = (code: RecipeError['code'], text: string) =>
    new RecipeError(code, `${file}: ${text}`)
  if (value === null || typeof value !== 'object')
    throw fail(
      'RECIPE_FIELD_TYPE',
      `exports ${typeof value}, expected \`export default recipe({…})\``,
    )
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(FIELDS, key)) continue
    const meant = nearest(key, Object.keys(FIELDS))
    throw fail(
      'RECIPE_FIELD_UNKNOWN',
      `unknown field \`${key}\`${meant ? `, did you mean \`${meant}\`?` : ''}; known are ${Object.keys(FIELDS).join(', ')}`,
    )
  }
  const literal = value as Recipe
  const get = (key: keyof typeof FIELDS): unknown => {
    const field = literal[key] as Of<unknown>
    if (typeof field !== 'function') return field
    try {
      return (field as (c: Context) => unknown)(context)
    } catch (error) {
      const expected = `expected a function that gives a ${FIELDS[key]}`
      throw fail(
        'RECIPE_FIELD_TYPE',
        `\`${key}\` throws “${(error as Error).message}”, ${expected}`,
      )
    }
  }
  const plain: Record<string, unknown> = {
    kind: 'image',
    sources: [],
    needs: [],
    tools: [],
    check: [],
  }
  for (const key of Object.keys(FIELDS) as (keyof typeof FIELDS)[]) {
    const found = get(key)
    if (found === undefined) {
      if (OPTIONAL.includes(key)) continue
      throw fail('RECIPE_FIELD_MISSING', `field \`${key}\` is missing; expected ${FIELDS[key]}`)
    }
    const fits =
      FIELDS[key] === 'text'
        ? typeof found === 'string' && /^[^\n]+$/.test(found)
        : Array.isArray(found) &&
          (key === 'sources' || found.every(item => typeof item === 'string' && item !== ''))
    if (!fits)
      throw fail(
        'RECIPE_FIELD_TYPE',
        `\`${key}\` is ${JSON.stringify(found)}, expected ${FIELDS[key]}`,
      )
    plain[key] = found
  }
  const recipe = { ...plain, file } as EvaluatedRecipe
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(recipe.name) || basename(file) !== `${recipe.name}.ts`)
    throw fail(
      'RECIPE_NAME',
      `\`name\` is ${recipe.name}, expected the file's own name, ${basename(file, '.ts')}, in lower case`,
    )
  if (!['image', 'tool', 'part'].includes(recipe.kind))
    throw fail('RECIPE_FIELD_TYPE', `\`kind\` is ${recipe.kind}, expected image, tool or part`)
  checkLicense(recipe.license, fail)
  recipe.sources.forEach((source, i) => checkSource(source, `sources[${i}]`, fail))
  const names = recipe.sources.flatMap(source => ('url' in source ? [urlName(source.url)] : []))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw fail('RECIPE_SOURCE', `two sources are found as $src/${twice}, expected one each`)
  for (const list of ['steps', 'check'] as const)
    recipe[list].forEach((step, i) => {
      const fault = stepFault(step)
      if (fault !== undefined) {
        const shown = step.replaceAll('\n', '\\n')
        throw fail('RECIPE_STEP', `${list}[${i}] \`${shown}\` has ${fault[0]}; ${fault[1]}`)
      }
    })
  return recipe
}

type Fail = (code: RecipeError['code'], text: string) => RecipeError

function checkLicense(license: string, fail: Fail): void {
  if (license === 'debian') return
  try {
    parseSpdx(license)
  } catch {
    throw fail(
      'RECIPE_LICENSE',
      `\`license\` is ${license}, expected an SPDX expression such as Apache-2.0, or \`debian\``,
    )
  }
}

function checkSource(source: Source, where: string, fail: Fail): void {
  const keys = Object.keys(source ?? {})
  const kind = SOURCES.find(known => keys.includes(known[0]))
  const unknown = keys.find(key => !(kind as readonly string[] | undefined)?.includes(key))
  if (kind === undefined || unknown !== undefined)
    throw fail(
      'RECIPE_SOURCE',
      `${where} is ${JSON.stringify(source)}, expected one of ${SOURCES.map(k => `{ ${k.join(', ')} }`).join(' ')}`,
    )
  if ('url' in source && !/^[0-9a-f]{64}$/.test(source.sha256 ?? ''))
    throw fail('RECIPE_SOURCE', `${where}.sha256 is ${source.sha256}, expected 64 hex digits`)
  if ('url' in source && !/^https?:\/\/[^?#]+\/[^/?#]+$/.test(source.url))
    throw fail(
      'RECIPE_SOURCE',
      `${where}.url is ${source.url}, expected an https address that ends in a file's name`,
    )
  if ('npm' in source && (typeof source.npm !== 'string' || source.npm === ''))
    throw fail('RECIPE_SOURCE', `${where}.npm is ${JSON.stringify(source.npm)}, expected a name`)
  for (const key of ['debian', 'files', 'only', 'without'] as const) {
    const list = (source as Record<string, unknown>)[key]
    if (list === undefined) continue
    if (!Array.isArray(list) || list.length === 0 || !list.every(item => typeof item === 'string'))
      throw fail(
        'RECIPE_SOURCE',
        `${where}.${key} is ${JSON.stringify(list)}, expected a list of names`,
      )
  }
  const outside =
    'files' in source ? source.files.find(glob => /^!?\/|(^|\/)\.\.(\/|$)/.test(glob)) : undefined
  if (outside !== undefined)
    throw fail(
      'RECIPE_SOURCE',
      `${where}.files has ${outside}, expected globs relative to the checkout, inside it`,
    )
}

/** Name below `$src` of what an address leads to. */
export const urlName = (url: string) => url.slice(url.lastIndexOf('/') + 1)
