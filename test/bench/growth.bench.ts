/** What files cost as a tree grows: no more than the logarithm of its blocks. */
import { randomBytes, randomInt } from 'node:crypto'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { withTree } from './planted.ts'
import { cpuEach } from './store.ts'

const SIZES = [1_000, 10_000, 100_000, 1_000_000]
const TOGETHER = 1000
const TIMES = 1000
/** How much worse than the logarithm a figure may be: caches, of the processor and SQLite's, end. */
const SLACK = 2

export const bench: Bench = {
  about: 'a tree as it grows to a million files',
  async run({ figure, say, signal }) {
    await withTree(async ({ tree }) => {
      const data = randomBytes(100)
      const first: Record<string, { readonly value: number; readonly size: number }> = {}
      let made = 0
      const path = (n: number) => `/ROOT/${Math.floor(n / 1_000_000)}/${Math.floor(n / 1000)}/${n}`
      const fill = async () => {
        const directory = path(made).split('/').slice(0, -1).join('/')
        await tree.mkdir(directory, { parents: true })
        const write = (_: unknown, i: number) => tree.writeFile(path(made + i), data)
        await Promise.all(Array.from({ length: TOGETHER }, write))
        made += TOGETHER
      }
      const any = () => path(randomInt(made))
      const look = async () => {
        for (let i = 0; i < TIMES; i++) await tree.readFile(any())
      }
      const change = async () => {
        for (let i = 0; i < TIMES / 10; i++)
          await Promise.all(Array.from({ length: 10 }, () => tree.writeFile(any(), data)))
      }
      for (const size of SIZES) {
        say(`making ${size} files`)
        while (made < size - TOGETHER) {
          signal.throwIfAborted()
          await fill()
        }
        if (size === SIZES[0]) await fill()
        // Until the code is compiled, a figure would be about that.
        await look()
        for (const [name, work] of [
          ['one made, of 1000 together', made < size ? fill : undefined],
          ['one read', look],
          ['one replaced, of 10 together', change],
        ] as const) {
          if (!work) continue
          const value = await cpuEach(TIMES, work)
          const begun = (first[name] ??= { value, size })
          const target = (begun.value * SLACK * Math.log(size)) / Math.log(begun.size)
          figure({ name: `${size} files: ${name}`, value, unit: 'CPU-µs', target })
        }
      }
    })
  },
}
