/** Reads `recipes/*.ts` and a board, evaluated for a context. Called only when one of them changed. */
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Board } from '../../board/board.ts'
import type { Context } from '../../recipes/recipe.ts'
import { REPO } from '../paths.ts'
import { checkBoard } from './check-board.ts'
import { evaluate, RecipeError, type EvaluatedRecipe } from './check.ts'
import { nearest } from './nearest.ts'

export type { EvaluatedRecipe } from './check.ts'

export class LoadError extends Error {
  readonly code: 'BOARD_UNKNOWN' | 'RECIPE_BROKEN'
  constructor(code: LoadError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'LoadError'
    this.code = code
  }
}

/** Names of the files in a folder that hold one literal each. */
function names(folder: string, not: string): string[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.ts') && file !== not)
    .map(file => file.slice(0, -'.ts'.length))
    .sort()
}

export const recipeNames = (folder = join(REPO, 'recipes')) => names(folder, 'recipe.ts')
export const boardNames = (folder = join(REPO, 'board')) => names(folder, 'board.ts')

/**
 * Every recipe by name.
 *
 * @throws {RecipeError} from {@link evaluate}, and `RECIPE_NEED` for a name that is none; {LoadError} `RECIPE_BROKEN` when a file does not load.
 */
export async function loadRecipes(
  context: Context,
  folder = join(REPO, 'recipes'),
): Promise<Map<string, EvaluatedRecipe>> {
  const recipes = new Map<string, EvaluatedRecipe>()
  for (const name of recipeNames(folder)) {
    const path = join(folder, `${name}.ts`)
    const file = relative(join(folder, '..'), path)
    const module = await load(path, file)
    recipes.set(name, evaluate(module['default'], context, file))
  }
  for (const recipe of recipes.values()) checkNames(recipe, recipes)
  return recipes
}

/** What a recipe needs is there, and what it runs are tools. */
function checkNames(recipe: EvaluatedRecipe, all: ReadonlyMap<string, EvaluatedRecipe>): void {
  for (const field of ['needs', 'tools'] as const)
    recipe[field].forEach((name, i) => {
      const where = `${recipe.file}: ${field}[${i}] is ${name}`
      const found = all.get(name)
      if (found === undefined) {
        const meant = nearest(name, all.keys())
        const hint = meant === undefined ? '' : `; did you mean ${meant}?`
        throw new RecipeError(
          'RECIPE_NEED',
          `${where}, and recipes/${name}.ts does not exist${hint}`,
        )
      }
      if (field === 'tools' && found.kind !== 'tool')
        throw new RecipeError('RECIPE_NEED', `${where} of kind ${found.kind}, expected a tool`)
    })
}

/** @throws {LoadError} `BOARD_UNKNOWN` with the nearest name; {BoardError} when it does not fit. */
export async function loadBoard(name: string, folder = join(REPO, 'board')): Promise<Board> {
  const path = join(folder, `${name}.ts`)
  if (!/^[a-z0-9_-]+$/.test(name) || name === 'board' || !existsSync(path)) {
    const known = boardNames(folder)
    const meant = nearest(name, known)
    throw new LoadError(
      'BOARD_UNKNOWN',
      `there is no board ${name}${meant ? `, did you mean ${meant}?` : ''}; boards are ${known.join(', ')}`,
    )
  }
  const module = await load(path, `board/${name}.ts`)
  return checkBoard(module['board'], `board/${name}.ts`)
}

async function load(path: string, file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (error) {
    throw new LoadError(
      'RECIPE_BROKEN',
      `${file} does not load: ${(error as Error).message}`,
      error,
    )
  }
}
