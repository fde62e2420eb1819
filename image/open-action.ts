/** Opens the action of one recipe without running it: what it needs is built, its sources are here. */
import { buildImage } from './build.ts'
import { Cache } from './engine/cache.ts'
import type { Execution } from './engine/execute.ts'
import { environment, gather } from './engine/gather.ts'
import { takeLease } from './engine/lease.ts'
import { Locks } from './engine/locks.ts'
import { ScheduleError } from './engine/schedule.ts'
import { sourceFiles } from './engine/sources.ts'
import { CACHE } from './paths.ts'
import type { EvaluatedRecipe } from './recipe/check.ts'
import type { Variant } from './recipe/context.ts'
import { graphOf } from './recipe/graph.ts'
import { nearest } from './recipe/nearest.ts'
import type { Progress } from './cli/progress.ts'

export type OpenAction = {
  readonly recipe: EvaluatedRecipe
  readonly gathered: Omit<Execution, 'runners' | 'signal' | 'onOutput'>
  /** Lets the cache be collected again. */
  release(): void
}

/** @throws {ScheduleError} `GRAPH_MISSING` when there is no such recipe; what a build throws. */
export async function openAction(
  name: string,
  board: string,
  variant: Variant,
  progress: Progress,
  signal: AbortSignal,
): Promise<OpenAction> {
  const { context, recipes } = await graphOf(board, variant)
  const recipe = recipes.get(name)
  if (recipe === undefined) {
    const meant = nearest(name, recipes.keys())
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`
    throw new ScheduleError('GRAPH_MISSING', `there is no recipe ${name}${hint}`)
  }
  const lease = await takeLease(CACHE, signal)
  try {
    const goals = [...recipe.needs, ...recipe.tools]
    const built = await buildImage({ board, ...variant, goals, progress, signal })
    const trees = new Map(built.tasks.map(task => [task.name, task.tree]))
    const digests = (names: readonly string[]) => new Map(names.map(n => [n, trees.get(n)!]))
    const cache = new Cache(CACHE)
    const locks = await Locks.open(recipes, context.arch, { line: progress.line })
    const gathered = await gather(
      recipe,
      environment(recipe, context),
      sourceFiles(recipe, locks.of(recipe)),
      { needs: digests(recipe.needs), tools: digests(recipe.tools) },
      { cache, locks, signal },
    )
    return { recipe, gathered, release: lease.release }
  } catch (error) {
    lease.release()
    throw error
  }
}
