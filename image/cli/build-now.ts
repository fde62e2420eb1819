/** A build that has something to do: the engine with its progress, and what it leaves for the next. */
import { realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildImage, type BuildOptions, type Built } from '../build.ts'
import { Cache } from '../engine/cache.ts'
import { findFiles } from '../engine/files.ts'
import { collectDaily } from '../engine/gc-daily.ts'
import { lockFile } from '../engine/locks.ts'
import { remember } from '../noop.ts'
import { mark } from '../engine/mark.ts'
import { CACHE, REPO } from '../paths.ts'
import type { Variant } from '../recipe/context.ts'
import { PROVENANCE } from '../report/files.ts'
import { summaryLine, type BuildSummary } from './build-summary.ts'
import type { Io, Values } from './command.ts'
import { bytes, duration, progress as showProgress, type Progress } from './progress.ts'

export async function buildAndRemember(
  name: string,
  board: string,
  variant: Variant,
  values: Values,
  io: Io,
): Promise<BuildSummary> {
  const before = engineMarks()
  const progress = showProgress()
  const begun = performance.now()
  const built = await buildImage(optionsOf(board, variant, values, io, progress))
  const summary: BuildSummary = {
    board,
    version: built.version,
    image: built.image,
    imageBytes: statSync(built.image).size,
    tasks: built.tasks.length,
    cached: built.tasks.filter(task => task.cached).length,
    seconds: (performance.now() - begun) / 1000,
  }
  const freed = collectDaily(CACHE, Date.now())
  if (freed > 0) progress.line(`old results removed from the cache: ${bytes(freed)}`)
  progress.end(summaryLine(summary))
  remember(name, { ...before, ...built.marks, ...outputMarks(built) }, summary)
  return summary
}

/** Makes one recipe: for working on it, and for asking whether it is in the cache. */
export async function buildGoal(
  goal: string,
  board: string,
  variant: Variant,
  values: Values,
  io: Io,
): Promise<{ recipe: string; folder: string; cached: boolean }> {
  const progress = showProgress()
  const options = optionsOf(board, variant, values, io, progress)
  const built = await buildImage({ ...options, goals: [goal] })
  const task = built.tasks.find(({ name }) => name === goal)!
  const said = `${goal}: ${task.cached ? 'cached' : `made in ${duration(task.seconds * 1000)}`}`
  progress.end(`${said}, ${bytes(task.bytes)}`)
  return { recipe: goal, folder: new Cache(CACHE).tree(task.tree), cached: task.cached }
}

function optionsOf(
  board: string,
  variant: Variant,
  values: Values,
  io: Io,
  progress: Progress,
): BuildOptions {
  return {
    board,
    ...variant,
    ...(values['jobs'] !== undefined && { jobs: values['jobs'] as number }),
    locked: values['locked'] === true,
    cachedOnly: values['cached-only'] === true,
    progress,
    signal: io.signal,
  }
}

/** The engine itself and the locks: a change of them is a change of the build. */
function engineMarks(): Record<string, string> {
  const { files, folders } = findFiles(REPO, ['image/**'])
  const paths = [...files, ...folders, 'package-lock.json'].map(path => join(REPO, path))
  return Object.fromEntries(paths.map(path => [path, mark(path)]))
}

function outputMarks(built: Built): Record<string, string> {
  const locks = (['amd64', 'arm64'] as const).map(lockFile)
  const image = [built.image, realpathSync(built.image), join(built.folder, PROVENANCE)]
  return Object.fromEntries([...locks, ...image].map(path => [path, mark(path)]))
}
