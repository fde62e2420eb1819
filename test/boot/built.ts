/** The image and the tool set that boot tests use: built once, from the cache after that. */
import { buildImage, type Built } from '../../image/build.ts'
import { toolBin } from '../../image/engine/gather.ts'
import { Cache } from '../../image/engine/cache.ts'
import { CACHE } from '../../image/paths.ts'
import type { Variant } from '../../image/recipe/context.ts'
import type { Toolset } from '../../image/toolset.ts'

export type Bootable = Built & { readonly tools: Toolset }

/** Board that the tests boot. */
const BOARD = 'qemu-x86_64'

/** Builds what is not cached; `variant` picks another version, kernel or profile. */
export async function bootable(variant: Partial<Variant> = {}): Promise<Bootable> {
  const built = await buildImage({
    ...{ board: BOARD, profile: 'dev', ...variant },
    ...{ goals: ['image', 'tools-qemu'], progress: QUIET, signal: new AbortController().signal },
  })
  return { ...built, tools: await toolsOf(built, 'tools-qemu') }
}

/** The tool set alone, for tests that need no image. */
export async function qemuTools(): Promise<Toolset> {
  return toolsOf(await toolBuild('tools-qemu'), 'tools-qemu')
}

/** The tools that make images: mtools and so on. */
export async function imageTools(): Promise<Toolset> {
  return toolsOf(await toolBuild('tools-image'), 'tools-image')
}

function toolBuild(goal: string): Promise<Built> {
  const signal = new AbortController().signal
  return buildImage({ board: BOARD, profile: 'dev', goals: [goal], progress: QUIET, signal })
}

async function toolsOf(built: Built, name: string): Promise<Toolset> {
  const cache = new Cache(CACHE)
  const { tree } = built.tasks.find(task => task.name === name)!
  return { root: cache.tree(tree), bin: await toolBin(cache, tree) }
}

const QUIET = {
  task: () => ({ update() {}, done() {}, failed() {} }),
  expect() {},
  line() {},
  end() {},
}
