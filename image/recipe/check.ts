/**
 * Refuses recipes that do not fit, before anything runs: wrong keys and types, missing licence, a
 * bad hash, and steps that use an edge of `@yarnpkg/shell` where it does not do what a shell does
 * (a newline joins lines silently, `;` ignores failures, `$$` is the engine's own process).
 */
import { parseShell } from '@yarnpkg/parsers'
import parseSpdx from 'spdx-expression-parse'
import type { Context, Of, Recipe, Source } from '../../recipes/recipe.ts'
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
    if (key in FIELDS) continue
    const meant = nearest(key, Object.keys(FIELDS))
    throw fail(
      'RECIPE_FIELD_UNKNOWN',
      `unknown field \`${key}\`${meant ? `, did you mean \`${meant}\`?` : ''}; known are ${Object.keys(FIELDS).join(', ')}`,
    )
  }
  const literal = value as Recipe
  const get = <T>(field: Of<T>): T =>
    typeof field === 'function' ? (field as (c: Context) => T)(context) : field
  const plain: Record<string, unknown> = {
    kind: 'image',
    sources: [],
    needs: [],
    tools: [],
    check: [],
  }
  for (const key of Object.keys(FIELDS) as (keyof typeof FIELDS)[]) {
    const found = get(literal[key] as Of<unknown>)
    if (found === undefined) {
      if (OPTIONAL.includes(key)) continue
      throw fail('RECIPE_FIELD_MISSING', `field \`${key}\` is missing; expected ${FIELDS[key]}`)
    }
    const fits =
      FIELDS[key] === 'text'
        ? typeof found === 'string' && found !== ''
        : Array.isArray(found) &&
          (key === 'sources' || found.every(item => typeof item === 'string'))
    if (!fits)
      throw fail(
        'RECIPE_FIELD_TYPE',
        `\`${key}\` is ${JSON.stringify(found)}, expected ${FIELDS[key]}`,
      )
    plain[key] = found
  }
  const recipe = { ...plain, file } as EvaluatedRecipe
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(recipe.name) || !file.endsWith(`${recipe.name}.ts`))
    throw fail(
      'RECIPE_NAME',
      `\`name\` is ${recipe.name}, expected the file's own name in lower case`,
    )
  if (!['image', 'tool', 'part'].includes(recipe.kind))
    throw fail('RECIPE_FIELD_TYPE', `\`kind\` is ${recipe.kind}, expected image, tool or part`)
  checkLicense(recipe.license, fail)
  recipe.sources.forEach((source, i) => checkSource(source, `sources[${i}]`, fail))
  for (const list of ['steps', 'check'] as const)
    recipe[list].forEach((step, i) => checkStep(step, `${list}[${i}]`, fail))
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
  for (const key of ['debian', 'files', 'only', 'without'] as const) {
    const list = (source as Record<string, unknown>)[key]
    if (list === undefined) continue
    if (!Array.isArray(list) || list.length === 0 || !list.every(item => typeof item === 'string'))
      throw fail(
        'RECIPE_SOURCE',
        `${where}.${key} is ${JSON.stringify(list)}, expected a list of names`,
      )
  }
}

/** Refuses what `@yarnpkg/shell` would run differently from what a reader expects. */
function checkStep(step: string, where: string, fail: Fail): void {
  const bad = (found: string, instead: string) =>
    fail('RECIPE_STEP', `${where} \`${step}\` has ${found}; ${instead}`)
  if (/[\r\n]/.test(step)) throw bad('a newline', 'a step is one line: make it two steps')
  if (step.includes('$$')) throw bad('`$$`, the engine itself', 'use $work for names of your own')
  if (/<<(?!<)/.test(step)) throw bad('a here-document', 'use the verb `write`')
  if (step.trim() === '') throw bad('no command', 'remove it')
  let lines
  try {
    lines = parseShell(step)
  } catch (error) {
    throw bad(
      `a syntax error (${(error as Error).message.split('\n')[0]})`,
      'see docs/write-a-recipe.md',
    )
  }
  if (lines.length !== 1) throw bad('`;`, after which failures are ignored', 'make it two steps')
  if (lines[0]!.type === '&') throw bad('`&`', 'steps run one after the other')
  if (step.trimEnd().endsWith(';'))
    throw bad('`;`, after which failures are ignored', 'leave it out')
  if (JSON.stringify(lines[0]).includes('"type":"|"') || JSON.stringify(lines[0]).includes('"|&"'))
    throw bad('a pipe, whose left side may fail unseen', 'write to a file in $work and read it')
}
