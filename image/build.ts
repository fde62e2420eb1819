/** Builds the image of a board: evaluates the graph, runs what is not cached, publishes the results. */
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Board } from '../board/board.ts'
import type { Context } from '../recipes/recipe.ts'
import { actionOf, type Action } from './engine/action.ts'
import { me } from './engine/alive.ts'
import { Cache, type ActionResult } from './engine/cache.ts'
import type { Digest } from './engine/digest.ts'
import { execute, sweep } from './engine/execute.ts'
import { MovedError } from './engine/fetch.ts'
import { environment, gather, type Inputs } from './engine/gather.ts'
import { takeLease } from './engine/lease.ts'
import { Locks } from './engine/locks.ts'
import { removeTree } from './engine/remove.ts'
import { Runners } from './engine/runners.ts'
import { order, runAll } from './engine/schedule.ts'
import { markCheckout, sourceFiles, type SourceFile } from './engine/sources.ts'
import { noteAction } from './engine/history.ts'
import { BUILD, CACHE } from './paths.ts'
import { publish, releasedFiles, variantFolder } from './publish.ts'
import type { EvaluatedRecipe } from './recipe/check.ts'
import type { Variant } from './recipe/context.ts'
import { graphOf } from './recipe/graph.ts'
import type { Progress } from './cli/progress.ts'

export type BuildOptions = Variant & {
  readonly board: string
  /** Default: `image`, the disk. */
  readonly goals?: readonly string[]
  /** Actions at once; default: the cores of this machine. */
  readonly jobs?: number
  /** Fail when a locked Debian version is gone, instead of taking the current one. */
  readonly locked?: boolean
  /** Fail at the first recipe that is not in the cache, instead of making it. */
  readonly cachedOnly?: boolean
  readonly progress: Progress
  readonly signal: AbortSignal
}

export type BuiltTask = ActionResult & { readonly name: string; readonly cached: boolean }

export type Built = {
  readonly board: Board
  readonly context: Context
  readonly version: string
  /** Folder of this checkout that holds the results: links into the cache. */
  readonly folder: string
  /** Path of the disk image; undefined when `goals` did not ask for it. */
  readonly image: string
  readonly tasks: readonly BuiltTask[]
  /** What the file system said of every input before it was read, see noop.ts. */
  readonly marks: Readonly<Record<string, string>>
}

export class BuildError extends Error {
  readonly code: 'BUILD_NOT_CACHED' | 'BUILD_NEED_HARMED'
  constructor(code: BuildError['code'], message: string) {
    super(message)
    this.name = 'BuildError'
    this.code = code
  }
}

/** @throws what loading, fetching and steps throw; nothing half-made is left behind. */
export async function buildImage(options: BuildOptions): Promise<Built> {
  try {
    return await buildOnce(options)
  } catch (error) {
    // The archive dropped a locked version: the lock names the current one now. Once is enough.
    if (!(error instanceof MovedError)) throw error
    return buildOnce({ ...options, locked: true })
  }
}

async function buildOnce(options: BuildOptions): Promise<Built> {
  const { progress, signal } = options
  const graph = await graphOf(options.board, options)
  const { context, recipes } = graph
  const goals = options.goals ?? ['image']
  const tasks = order(withEdges(recipes), goals)
  const cache = new Cache(CACHE)
  const locks = await Locks.open(recipes, context.arch, { ...options, line: progress.line })
  const lease = await takeLease(CACHE, signal)
  const runners = new Runners()
  const work = join(CACHE, 'work')
  const built = new Map<string, BuiltTask>()
  const marks: Record<string, string> = { ...graph.marks }
  const used = new Map<string, readonly SourceFile[]>()
  let count = 0
  let toMake = tasks.length
  progress.expect(toMake)
  try {
    await sweep(work)
    await runAll(tasks, options.jobs ?? availableParallelism(), signal, async ({ recipe }) => {
      Object.assign(marks, markCheckout(recipe))
      const sources = sourceFiles(recipe, locks.of(recipe))
      used.set(recipe.name, sources)
      const digests = (names: readonly string[]) =>
        new Map(names.map(name => [name, built.get(name)!.tree] as const))
      const env = environment(recipe, context)
      const inputs = { needs: digests(recipe.needs), tools: digests(recipe.tools) }
      const action = actionOf(recipe, env, sources, inputs.needs, inputs.tools)
      noteAction(BUILD, recipe.name, action)
      const hit = cache.lookup(action.key)
      if (hit !== undefined) {
        built.set(recipe.name, { ...hit, name: recipe.name, cached: true })
        return progress.expect(--toMake)
      }
      const task = progress.task(recipe.name)
      if (options.cachedOnly)
        throw new BuildError(
          'BUILD_NOT_CACHED',
          `${recipe.name} is not in the cache: build without --cached-only to make it`,
        )
      const folder = join(work, `${me}.${count++}`)
      try {
        const result = await make(recipe, action, sources, env, inputs, folder, task)
        built.set(recipe.name, { ...result, name: recipe.name, cached: false })
        task.done('')
      } catch (error) {
        task.failed(error instanceof Error ? error.message.split('\n')[0]! : String(error))
        throw error
      } finally {
        removeTree(folder)
      }
    })
    const finished = tasks.map(({ name }) => built.get(name)!)
    const folder = variantFolder(BUILD, context)
    // Before the lease ends: until it is published, a collection takes it for garbage.
    if (built.has('image')) {
      const trees = new Map(finished.map(task => [task.name, task.tree]))
      publish(cache, folder, trees, await reports(trees))
    }
    return {
      board: context.board,
      context,
      version: context.version,
      folder,
      image: join(folder, 'blocktree.img'),
      tasks: finished,
      marks,
    }
  } finally {
    await runners.end()
    lease.release()
  }

  async function reports(trees: ReadonlyMap<string, Digest>): Promise<Map<string, string>> {
    const root = trees.get('root')
    if (root === undefined) return new Map()
    const { reportsOf } = await import('./report/reports.ts')
    return reportsOf({
      context,
      recipes: order(withEdges(recipes), ['image']).map(({ recipe }) => recipe),
      sources: used,
      root: cache.tree(root),
      files: releasedFiles(cache, trees),
    })
  }

  async function make(
    recipe: EvaluatedRecipe,
    action: Action,
    sources: readonly SourceFile[],
    env: Record<string, string>,
    inputs: Inputs,
    folder: string,
    task: { update(text: string): void },
  ): Promise<ActionResult> {
    mkdirSync(folder, { recursive: true })
    const gathered = await gather(recipe, env, sources, inputs, { cache, locks, signal })
    const begun = performance.now()
    const onOutput = (line: string) => task.update(line)
    const { out, entries } = await execute({ ...gathered, runners, signal, onOutput }, folder)
    for (const [name, digest] of inputs.needs)
      if (!cache.untouched(digest))
        throw new BuildError(
          'BUILD_NEED_HARMED',
          `${recipe.file}: its steps changed $in/${name}, which is only to be read: copy to $work first; the next build makes ${name} again`,
        )
    const seconds = (performance.now() - begun) / 1000
    return cache.store(action.key, out, { recipe: recipe.name, seconds }, entries)
  }
}

type Node = {
  readonly name: string
  readonly needs: readonly string[]
  readonly recipe: EvaluatedRecipe
}

/** Recipes as tasks: what a recipe needs and the tools it runs come first. */
function withEdges(recipes: ReadonlyMap<string, EvaluatedRecipe>): Map<string, Node> {
  return new Map(
    [...recipes].map(([name, recipe]) => [
      name,
      { name, recipe, needs: [...recipe.needs, ...recipe.tools] },
    ]),
  )
}
