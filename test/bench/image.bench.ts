/** Making an image from packages that are fetched already, beside mkosi making a like one. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { board } from '../../board/qemu-x86_64.ts'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { BUILD, REPO } from '../../image/paths.ts'
import { run } from '../../image/spawn.ts'
import { emptyCacheHere, folder, removed } from './checkout.ts'
import { timed, type Spent } from './cpu.ts'
import { INSIDE, configure } from './mkosi.ts'
import { inPeer, noPeer, peerTree } from './peer.ts'

/** Most that ours may take of what mkosi takes. */
const RATIO = 0.2

export const bench: Bench = {
  about:
    'an image, cold: empty cache, sources fetched; beside mkosi 25.3 with its packages fetched',
  async run({ figure, say, signal }) {
    const bt = join(REPO, 'image', 'bt')
    say('fetching what is missing, by building once')
    await run(bt, ['build'], { signal })
    // Ours before and after mkosi's, as the load of the machine changes.
    const ours = [await cold(signal)]
    const mkosi = noPeer === undefined ? await peer(say, signal) : undefined
    ours.push(await cold(signal))
    const mean = (key: keyof Spent) => (ours[0]![key] + ours[1]![key]) / 2000
    const seconds = (key: keyof Spent) => ({
      value: mean(key),
      unit: key === 'cpuMs' ? 'CPU-s' : 's',
      ...(mkosi && { peer: { name: 'mkosi 25.3', value: mkosi[key] / 1000, ratio: RATIO } }),
    })
    if (noPeer !== undefined) say(`without a peer: ${noPeer}`)
    figure({ name: 'image, cold: CPU time', ...seconds('cpuMs') })
    figure({ name: 'image, cold: wall time', ...seconds('wallMs') })
  },
}

async function cold(signal: AbortSignal): Promise<Spent> {
  const here = folder()
  try {
    const env = emptyCacheHere(here)
    await timed(join(REPO, 'image', 'bt'), ['--version'], { env, signal })
    return await timed(join(REPO, 'image', 'bt'), ['build'], { env, signal })
  } finally {
    removed(here)
  }
}

/** mkosi, whose package cache is filled the first time and kept for later runs. */
async function peer(say: (line: string) => void, signal: AbortSignal): Promise<Spent> {
  const work = join(BUILD, 'bench', 'mkosi')
  const tree = await peerTree(signal)
  await configure(work, board)
  const mkosi = (...more: string[]) =>
    inPeer(
      tree,
      work,
      ['mkosi', '--directory', `${INSIDE}/conf`, '--force', ...more, 'build'],
      signal,
    )
  const filled = join(work, 'filled')
  if (!existsSync(filled)) {
    say('mkosi fetches its packages, by building once')
    await mkosi()
    writeFileSync(filled, '')
  }
  say('mkosi')
  return mkosi('--cache-only=always')
}
