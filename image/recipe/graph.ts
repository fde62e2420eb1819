/**
 * The evaluated recipes of a context, kept as JSON under what the file system says of their files:
 * a build that changed no recipe does not import one.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../recipes/recipe.ts'
import { readJson, writeAtomic } from '../engine/atomic.ts'
import { canonical, sha256 } from '../engine/digest.ts'
import { mark } from '../engine/mark.ts'
import { BUILD, REPO } from '../paths.ts'
import type { Board } from '../../board/board.ts'
import type { EvaluatedRecipe } from './check.ts'
import { contextOf, type Variant } from './context.ts'

export type Graph = {
  readonly context: Context
  readonly recipes: ReadonlyMap<string, EvaluatedRecipe>
  /** What the file system said of the files it was read from, by absolute path. */
  readonly marks: Readonly<Record<string, string>>
}

type Kept = { marks: Record<string, string>; context: Context; recipes: EvaluatedRecipe[] }

/** @throws what `loadBoard` and `loadRecipes` throw, see ./load.ts. */
export async function graphOf(board: string, variant: Variant): Promise<Graph> {
  const name = sha256(canonical({ board, ...variant })).slice(0, 16)
  const file = join(BUILD, 'graph', `${name}.json`)
  const marks = marksOf(board)
  const kept = readJson<Kept>(file)
  if (kept !== undefined && canonical(kept.marks) === canonical(marks))
    return { context: kept.context, recipes: byName(kept.recipes), marks }
  const { loadBoard, loadRecipes } = await import('./load.ts')
  const loaded: Board = await loadBoard(board)
  const context = contextOf(loaded, variant)
  const recipes = [...(await loadRecipes(context)).values()]
  writeAtomic(file, JSON.stringify({ marks, context, recipes } satisfies Kept))
  return { context, recipes: byName(recipes), marks }
}

const byName = (recipes: readonly EvaluatedRecipe[]) =>
  new Map(recipes.map(recipe => [recipe.name, recipe]))

/** The recipes, the board, and what evaluates them. */
function marksOf(board: string): Record<string, string> {
  const folders = ['recipes', 'image/recipe'].map(name => join(REPO, name))
  const paths = [
    ...folders,
    ...folders.flatMap(folder => readdirSync(folder).map(name => join(folder, name))),
    join(REPO, 'board', `${board}.ts`),
    join(REPO, 'board/board.ts'),
    join(REPO, 'package.json'),
  ]
  return Object.fromEntries(paths.map(path => [path, mark(path)]))
}
