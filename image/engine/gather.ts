/**
 * What an action needs before its folder is laid out: variables, fetched sources, trees of other
 * recipes, programs of tools. The same for a build and for a shell where a recipe's steps run.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../recipes/recipe.ts'
import type { EvaluatedRecipe } from '../recipe/check.ts'
import { prepareToolset } from '../toolset.ts'
import type { Cache } from './cache.ts'
import type { Digest } from './digest.ts'
import type { Execution } from './execute.ts'
import { fetchSources } from './fetch.ts'
import type { Locks } from './locks.ts'
import type { SourceFile } from './sources.ts'

/** 1 January 2026: the time that recipes see whose version is not the image's. */
const LOCKED_EPOCH = 1_767_225_600

/** Trees of what a recipe needs and of the tools it runs, by recipe. */
export type Inputs = {
  readonly needs: ReadonlyMap<string, Digest>
  readonly tools: ReadonlyMap<string, Digest>
}

/** The variables that are part of an action's key. */
export function environment(recipe: EvaluatedRecipe, context: Context): Record<string, string> {
  // What is made of locked sources alone does not change with a release of ours.
  const epoch = recipe.version === context.version ? context.epoch : LOCKED_EPOCH
  return { SOURCE_DATE_EPOCH: String(epoch), LC_ALL: 'C.UTF-8', TZ: 'UTC' }
}

/** @throws what {@link fetchSources} and `prepareToolset` throw. */
export async function gather(
  recipe: EvaluatedRecipe,
  env: Readonly<Record<string, string>>,
  sources: readonly SourceFile[],
  inputs: Inputs,
  from: { readonly cache: Cache; readonly locks: Locks; readonly signal: AbortSignal },
): Promise<Omit<Execution, 'runners' | 'signal' | 'onOutput'>> {
  const { cache, locks, signal } = from
  const fetched = await fetchSources(sources, locks.arch(recipe), locks, signal)
  const bins: string[] = []
  for (const digest of inputs.tools.values()) bins.push(await toolBin(cache, digest))
  const needs = new Map([...inputs.needs].map(([name, digest]) => [name, cache.tree(digest)]))
  // How many cores there are changes no output, so it is no part of the key.
  const all = { ...env, JOBS: String(availableParallelism()) }
  return { recipe, env: all, sources, fetched, needs, bins }
}

/** Folder of the programs of a tool tree, made when it is not there yet. */
export async function toolBin(cache: Cache, digest: Digest): Promise<string> {
  const bin = join(cache.folder, 'tools', digest.split('/')[0]!)
  await prepareToolset(cache.tree(digest), bin)
  return bin
}
