/** What benches of the store share: blocks without content, CPU time of this process, a folder. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newBlockId } from '../../node/block/id.ts'
import { ED25519, X25519 } from '../../node/crypto/algorithm.ts'
import { generateKeyPairs } from '../../node/crypto/key-pairs.ts'
import { principalOf } from '../../node/crypto/principal.ts'
import { systemRandom } from '../../node/crypto/random.ts'
import type { BlockWrite } from '../../node/store/change.ts'
import { Store } from '../../node/store/store.ts'

const keys = generateKeyPairs({ sign: ED25519, decrypt: X25519 }, systemRandom)
export const TREE = principalOf(keys.sign.publicKey)

/** Bytes of a header with one parent and a chain of one, and of an acceptance of one block. */
export const HEADER_BYTES = 900
export const ACCEPTANCE_BYTES = 500

const ACCEPTANCE = randomBytes(ACCEPTANCE_BYTES)

/** Works in a store in a folder of its own, which is removed afterwards. */
export async function withStore<T>(work: (store: Store, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'store-bench-'))
  try {
    const store = await Store.open(join(folder, 'store'), { accept: async () => ACCEPTANCE })
    try {
      return await work(store, folder)
    } finally {
      await store.close()
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A version with a header that is none: the store does not look into it. */
export function version(before?: { block: BlockWrite; hash: Uint8Array }): BlockWrite {
  const generation = (before?.block.generation ?? 0n) + 1n
  const id = before?.block.id ?? newBlockId(systemRandom)
  const content = { root: randomBytes(32), count: 1 }
  const header = randomBytes(HEADER_BYTES)
  return { tree: TREE, id, generation, content, header, expected: before?.hash }
}

/** CPU time of this process that `work` takes, all threads, in microseconds for each of `times`. */
export async function cpuEach(times: number, work: () => Promise<void> | void): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / times
}
