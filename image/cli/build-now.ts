/** A build that has something to do: the engine with its progress, and what it leaves for the next. */
import { realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildImage, type Built } from '../build.ts'
import { findFiles } from '../engine/files.ts'
import { lockFile } from '../engine/locks.ts'
import { mark, remember } from '../noop.ts'
import { REPO } from '../paths.ts'
import type { Variant } from '../recipe/context.ts'
import type { BuildSummary } from './build.ts'
import type { Io, Values } from './command.ts'
import { progress as showProgress } from './progress.ts'

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
  const built = await buildImage({
    board,
    ...variant,
    ...(values['jobs'] !== undefined && { jobs: values['jobs'] as number }),
    locked: values['locked'] === true,
    progress,
    signal: io.signal,
  })
  const summary: BuildSummary = {
    board,
    version: built.version,
    image: built.image,
    imageBytes: statSync(built.image).size,
    tasks: built.tasks.length,
    cached: built.tasks.filter(task => task.cached).length,
    seconds: (performance.now() - begun) / 1000,
  }
  progress.end('')
  remember(name, { ...before, ...built.marks, ...outputMarks(built) }, summary)
  return summary
}

/** The engine itself and the locks: a change of them is a change of the build. */
function engineMarks(): Record<string, string> {
  const { files, folders } = findFiles(REPO, ['image/**'])
  const paths = [...files, ...folders, 'package-lock.json'].map(path => join(REPO, path))
  return Object.fromEntries(paths.map(path => [path, mark(path)]))
}

function outputMarks(built: Built): Record<string, string> {
  const locks = (['amd64', 'arm64'] as const).map(lockFile)
  const image = [built.image, realpathSync(built.image)]
  return Object.fromEntries([...locks, ...image].map(path => [path, mark(path)]))
}
