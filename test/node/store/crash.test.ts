/**
 * A process that writes is killed at random moments, again and again. `BT_KILLS` says how often (40).
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import type { BlockId } from '../../../node/block/id.ts'
import { findings, newFolder, newId, open, TREE } from './stored.ts'

const KILLS = Number(process.env['BT_KILLS'] ?? 40)
const CHILD = join(import.meta.dirname, 'crash-child.ts')
const STORES = 2
/** A file system without a disk: what the kernel was given stays when a process is killed. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const COMPILED = newFolder()

type State = { readonly generation: bigint; readonly hash: string | undefined }

/** What may be stored of a block: what is certain, or what was tried last. */
type Expected = { certain: State; tried: State | undefined }

class Model {
  readonly blocks = new Map<BlockId, Expected>()
  readonly #lanes = new Map<string, BlockId>()
  done = 0

  read(line: string): void {
    const [what, lane = '', id = '', generation = '', hash] = line.split(' ')
    if (what === 'try') {
      this.#lanes.set(lane, id as BlockId)
      this.#of(id as BlockId).tried = { generation: BigInt(generation), hash }
    } else if (what === 'done') {
      const expected = this.#of(this.#lanes.get(lane)!)
      this.blocks.set(this.#lanes.get(lane)!, { certain: expected.tried!, tried: undefined })
      this.done++
    }
  }

  /** What is stored is what is expected from now on. */
  settle(id: BlockId, state: State): void {
    this.blocks.set(id, { certain: state, tried: undefined })
  }

  #of(id: BlockId): Expected {
    let expected = this.blocks.get(id)
    if (!expected) {
      expected = { certain: { generation: 0n, hash: undefined }, tried: undefined }
      this.blocks.set(id, expected)
    }
    return expected
  }
}

/** Runs the child and kills it; its last words are read to the end. */
async function runAndKill(folder: string, ids: readonly BlockId[], model: Model): Promise<void> {
  const child = spawn(process.execPath, [CHILD, folder, ...ids], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Starts in half the time.
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
  })
  const closed = once(child, 'close')
  const last = model.done + randomInt(80)
  for await (const line of createInterface({ input: child.stdout })) {
    model.read(line)
    if (model.done === last) setTimeout(() => child.kill('SIGKILL'), randomInt(8))
  }
  const [, signal] = await closed
  assert.equal(signal, 'SIGKILL')
}

async function expectStored(folder: string, model: Model): Promise<void> {
  const store = await open(folder)
  for (const [id, { certain, tried }] of model.blocks) {
    const block = store.block(TREE, id)
    const state: State = {
      generation: store.highest(TREE, id)?.generation ?? 0n,
      hash: block && Buffer.from(block.hash).toString('hex'),
    }
    const one = (expected: State | undefined) =>
      expected?.generation === state.generation && expected.hash === state.hash
    assert.ok(
      one(certain) || one(tried),
      `${id} is ${state.generation} ${state.hash}, certain ${certain.generation} ${certain.hash}, ` +
        `tried ${tried?.generation} ${tried?.hash}`,
    )
    model.settle(id, state)
  }
  assert.deepEqual(await findings(store), [])
  await store.close()
}

describe(`a store whose process is killed, ${KILLS} times in all`, { concurrency: STORES }, () => {
  for (let i = 0; i < STORES; i++)
    it(`has all that was done, and nothing by half (${i + 1})`, async () => {
      const [folder, model] = [newFolder(MEMORY), new Model()]
      const ids = Array.from({ length: 24 }, newId)
      for (let kill = 0; kill < KILLS / STORES; kill++) {
        await runAndKill(folder, ids, model)
        await expectStored(folder, model)
      }
      assert.ok(model.done > 10 * KILLS, `only ${model.done} changes were done`)
      const store = await open(folder)
      await store.collect()
      const content = model.blocks
        .keys()
        .reduce((sum, id) => sum + (store.block(TREE, id)?.content.count ?? 0), 0)
      assert.equal(store.status.pieces >= content, true)
      assert.deepEqual(await findings(store), [])
      await store.close()
    })
})
