/**
 * 10,000 files of 4 KiB, committed in groups, beside Hyperdrive doing the same. Hyperdrive is installed
 * from npm, into a folder that is removed afterwards; without it our own figure stands alone.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { withTree } from './planted.ts'
import { cpuEach } from './store.ts'

const FILES = 10_000
const TOGETHER = 1000
/** The first is for the compilers. */
const ROUNDS = 4
const run = promisify(execFile)

const PACKAGES = {
  dependencies: { hyperdrive: '13.3.4', corestore: '7.4.5' },
  overrides: { hypercore: '11.37.1', 'hypercore-storage': '3.3.1' },
  private: true,
}

const PEER = `
const [{ default: Corestore }, { default: Hyperdrive }, { randomBytes }] = await Promise.all(
  ['corestore', 'hyperdrive', 'node:crypto'].map(name => import(name)),
)
const drive = new Hyperdrive(new Corestore('store'))
await drive.ready()
const data = randomBytes(4096)
for (let round = 0; round < ${ROUNDS}; round++) {
  const begun = process.cpuUsage()
  for (let i = 0; i < ${FILES}; i += ${TOGETHER}) {
    const batch = drive.batch()
    for (let j = i; j < i + ${TOGETHER}; j++) await batch.put('/d' + round + '/file-' + j, data)
    await batch.flush()
  }
  const { user, system } = process.cpuUsage(begun)
  console.log((user + system) / ${FILES})
}
process.exit(0)
`

/** CPU-µs for each file, in each round. */
async function hyperdrive(signal: AbortSignal): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hyperdrive-'))
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(PACKAGES))
    writeFileSync(join(folder, 'peer.mjs'), PEER)
    const options = { cwd: folder, signal }
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], options)
    const { stdout } = await run(process.execPath, ['peer.mjs'], options)
    return stdout.trim().split('\n').map(Number)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const bench: Bench = {
  about: `${FILES} files of 4 KiB, committed in groups of ${TOGETHER}`,
  async run({ figure, say, signal }) {
    const ours: number[] = []
    await withTree(async ({ tree }) => {
      const data = randomBytes(4096)
      for (let round = 0; round < ROUNDS; round++) {
        await tree.mkdir(`/ROOT/d${round}`)
        const each = await cpuEach(FILES, async () => {
          for (let i = 0; i < FILES; i += TOGETHER) {
            signal.throwIfAborted()
            const write = (_: unknown, j: number) =>
              tree.writeFile(`/ROOT/d${round}/file-${i + j}`, data)
            await Promise.all(Array.from({ length: TOGETHER }, write))
          }
        })
        ours.push(each)
      }
    })
    say('installing Hyperdrive')
    const peer = await hyperdrive(signal).catch((error: Error) => {
      if (signal.aborted) throw error
      say(`no Hyperdrive to compare with: ${error.message.split('\n')[0]}`)
      return undefined
    })
    const [value, theirs] = [ours, peer].map(all => all && Math.min(...all.slice(1)))
    figure({
      name: 'one file made',
      value: value!,
      unit: 'CPU-µs',
      ...(theirs !== undefined && { peer: { name: 'Hyperdrive', value: theirs, ratio: 0.5 } }),
    })
  },
}
