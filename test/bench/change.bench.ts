/** What somebody waits for who changed one line: from the saved file to an image that boots. */
import { appendFileSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { copyCheckout, emptyCache, folder, removed } from './checkout.ts'
import { timed } from './cpu.ts'

/** A file, what is added to it, and how long the image may take, in seconds. */
const CHANGES = [
  { name: 'one line in node/', file: 'node/main.ts', line: "process.title += ''", target: 20 },
  {
    name: 'one line of nftables',
    file: 'board/rootfs/etc/nftables.conf',
    line: '# one line more',
    target: 8,
  },
]

export const bench: Bench = {
  about: 'a changed line, to a bootable image',
  async run({ figure, say, signal }) {
    const here = folder()
    try {
      const checkout = join(here, 'checkout')
      await copyCheckout(checkout)
      const env = emptyCache(here)
      const build = () => timed(join(checkout, 'image', 'bt'), ['build'], { env, signal })
      say('building once, in a copy of the checkout')
      await build()
      for (const { name, file, line, target } of CHANGES) {
        const before = rootOf(env['BT_BUILD']!)
        appendFileSync(join(checkout, file), `${line}\n`)
        const { wallMs, cpuMs } = await build()
        if (rootOf(env['BT_BUILD']!) === before)
          throw new Error(`${file} was changed, but the root is the same: change something else`)
        figure({ name: `${name}: wall time`, value: wallMs / 1000, unit: 's', target })
        figure({ name: `${name}: CPU time`, value: cpuMs / 1000, unit: 'CPU-s' })
      }
    } finally {
      removed(here)
    }
  },
}

/** Where the root of the image last built lies: named by what it holds. */
function rootOf(build: string): string {
  const [variant] = readdirSync(join(build, 'qemu-x86_64'))
  return realpathSync(join(build, 'qemu-x86_64', variant!, 'root.erofs'))
}
