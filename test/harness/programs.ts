/** The `blocktree` that tests run: from source, or the single executable as it goes into the image. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildImage } from '../../image/build.ts'
import { Cache } from '../../image/engine/cache.ts'
import { CACHE, REPO } from '../../image/paths.ts'

export type Program = {
  readonly name: 'source' | 'executable'
  readonly file: string
  readonly args: readonly string[]
}

export const SOURCE: Program = {
  name: 'source',
  file: process.execPath,
  args: [join(REPO, 'node/main.ts')],
}

/** Built when it is not in the cache, which takes a minute at most once the tools are there. */
export async function executable(): Promise<Program> {
  const { tasks } = await buildImage({
    board: 'qemu-x86_64',
    profile: 'dev',
    goals: ['blocktree'],
    progress: QUIET,
    signal: new AbortController().signal,
  })
  const { tree } = tasks.find(({ name }) => name === 'blocktree')!
  const file = join(new Cache(CACHE).tree(tree), 'usr/bin/blocktree')
  if (!existsSync(file)) throw new Error(`the build made no ${file}`)
  return { name: 'executable', file, args: [] }
}

const QUIET = {
  task: () => ({ update() {}, done() {}, failed() {} }),
  expect() {},
  line() {},
  end() {},
}
