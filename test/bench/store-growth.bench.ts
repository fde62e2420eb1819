/** What a change and a look cost as the store grows: no more than the logarithm of its blocks. */
import { randomInt } from 'node:crypto'
import type { Bench } from '../../image/cli/bench-figure.ts'
import type { BlockWrite } from '../../node/store/change.ts'
import { cpuEach, TREE, version, withStore } from './store.ts'

const SIZES = [1_000, 10_000, 100_000, 1_000_000]
const TIMES = 2000
const GROUP = 1000
/** How much worse than the logarithm a figure may be: caches, of the processor and SQLite's, end. */
const SLACK = 2

export const bench: Bench = {
  about: 'the store as it grows to a million blocks',
  async run({ figure, say, signal }) {
    await withStore(async store => {
      const ids: BlockWrite['id'][] = []
      const first: Record<string, number> = {}
      for (const size of SIZES) {
        say(`making ${size} blocks`)
        for (let blocks: BlockWrite[] = []; ids.length < size;) {
          signal.throwIfAborted()
          blocks = Array.from({ length: Math.min(GROUP, size - ids.length) }, () => version())
          await store.commit({ blocks })
          for (const { id } of blocks) ids.push(id)
        }
        const any = () => ids[randomInt(ids.length)]!
        const look = async () => {
          for (let i = 0; i < TIMES; i++) store.block(TREE, any())
        }
        const change = async (together: number) => {
          for (let i = 0; i < TIMES; i += together) {
            const chosen = new Set(Array.from({ length: together }, any))
            const blocks = [...chosen].map(id => {
              const { generation, header, content, hash } = store.block(TREE, id)!
              const block = { tree: TREE, id, generation, header, content, expected: undefined }
              return version({ block, hash })
            })
            await store.commit({ blocks })
          }
        }
        // Until the code is compiled, a figure would be about that.
        for (let i = 0; i < 3; i++) await look()
        await change(10)
        for (const [name, work] of [
          ['look at one', look],
          ['replace one', () => change(1)],
          ['replace one of 100 together', () => change(100)],
        ] as const) {
          const value = await cpuEach(TIMES, work)
          first[name] ??= value
          const target = (first[name] * SLACK * Math.log(size)) / Math.log(SIZES[0]!)
          figure({ name: `${size} blocks: ${name}`, value, unit: 'CPU-µs', target })
        }
      }
    })
  },
}
