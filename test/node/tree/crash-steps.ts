/** What a process does until it is killed: the same steps for the same seed. */
import { createHash } from 'node:crypto'
import type { Tree } from '../../../node/tree/tree.ts'
import type { Model } from './model.ts'

export type Step = (target: Tree | Model) => Promise<unknown>

export const LANES = 5

export const laneOf = (seed: number, lane: number) => `/ROOT/round-${seed}-${lane}`

/** Numbers below `most` that follow from the seed. */
function dice(seed: string): (most: number) => number {
  let drawn = 0
  return most => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32BE(0) % most
}

/** Step `n` of a lane; each changes the tree once, wholly or not at all. */
export function stepOf(seed: number, lane: number, n: number): Step {
  const base = laneOf(seed, lane)
  if (n === 0) return target => target.mkdir(base)
  const below = dice(`${seed} ${lane} ${n}`)
  const file = () => `${base}/${below(3) === 0 ? 'dir/' : ''}${below(6)}`
  const bytes = (most: number) => new Uint8Array(1 + below(most)).fill(below(256))
  switch (below(9)) {
    case 0:
      return target => target.mkdir(`${base}/dir`)
    case 1:
    case 2:
    case 3: {
      const [path, content] = [file(), bytes(9000)]
      return target => target.writeFile(path, content)
    }
    case 4: {
      const [path, content] = [file(), bytes(300_000)]
      return target => target.writeFile(path, content)
    }
    case 5: {
      const [path, at, content, size] = [file(), below(9000), bytes(5000), below(12_000)]
      return async target => {
        const handle = await target.openFile(path, { write: true })
        await handle.write(at, content)
        await handle.truncate(size)
        await handle.close()
      }
    }
    case 6: {
      const [from, to] = [file(), file()]
      return target => target.rename(from, to)
    }
    case 7: {
      const [from, to] = [file(), file()]
      return target => target.link(from, to)
    }
    default: {
      const path = below(8) === 0 ? `${base}/dir` : file()
      return target => target.remove(path, { recursive: true })
    }
  }
}

/** Does a step; what a tree refuses is a step, too. */
export async function take(step: Step, target: Tree | Model): Promise<void> {
  try {
    await step(target)
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (!code.startsWith('TREE_')) throw error
  }
}
