/**
 * Writes to the store of a folder until it is killed, several things at a time, and says on stdout what
 * it is about to do and what is done: `try LANE ID GENERATION HASH` (no hash: removed), then `done LANE`.
 */
import { randomInt } from 'node:crypto'
import { writeSync } from 'node:fs'
import { type BlockId } from '../../../node/block/id.ts'
import type { BlockWrite } from '../../../node/store/change.ts'
import { Store } from '../../../node/store/store.ts'
import { accept, contentOf, hashOf, newId, TREE, version } from './stored.ts'

const LANES = 6
const BLOCKS_PER_LANE = 4

/** Waits when the pipe is full: a line that is not said would be missed. */
function say(line: string): void {
  for (;;)
    try {
      writeSync(1, `${line}\n`)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
    }
}

async function lane(store: Store, number: number, ids: readonly BlockId[]): Promise<never> {
  for (;;) {
    const id = ids[randomInt(ids.length)]!
    const now = store.block(TREE, id)
    if (now && randomInt(8) === 0) {
      say(`try ${number} ${id} ${now.generation}`)
      await store.commit({ removals: [{ tree: TREE, id, expected: now.hash }] })
    } else {
      const lengths = Array.from({ length: randomInt(5) }, () =>
        randomInt(3) === 0 ? 60000 + randomInt(9000) : randomInt(6000),
      )
      const content = await contentOf(lengths)
      const generation = (store.highest(TREE, id)?.generation ?? 0n) + 1n
      const written = await version({ id, generation, content })
      const block: BlockWrite = { ...written, expected: now?.hash }
      say(`try ${number} ${id} ${generation} ${Buffer.from(hashOf(block.header)).toString('hex')}`)
      if (randomInt(2) === 0) await store.commit({ pieces: content.pieces, blocks: [block] })
      else {
        const stage = store.stage()
        for (const piece of content.pieces) await stage.add([piece])
        await stage.flush()
        await store.commit({ blocks: [block] })
        stage.close()
      }
    }
    say(`done ${number}`)
  }
}

async function collect(store: Store): Promise<never> {
  for (;;) {
    await store.collect()
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

const [folder, ...given] = process.argv.slice(2) as [string, ...BlockId[]]
const ids = given.length > 0 ? given : Array.from({ length: LANES * BLOCKS_PER_LANE }, newId)
const store = await Store.open(folder, { accept })
say(`ready ${process.pid}`)
const own = (i: number) => ids.slice(i * BLOCKS_PER_LANE, (i + 1) * BLOCKS_PER_LANE)
await Promise.all([
  ...Array.from({ length: LANES }, (_, i) => lane(store, i, own(i))),
  collect(store),
])
