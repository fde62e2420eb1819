/** Stores in temporary folders, and blocks to put into them. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type BlockId, newBlockId } from '../../../node/block/id.ts'
import { EMPTY_ROOT, leafHash } from '../../../node/block/merkle-hash.ts'
import { MerkleTree } from '../../../node/block/merkle.ts'
import type { Principal } from '../../../node/crypto/principal.ts'
import { principalOf } from '../../../node/crypto/principal.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import type { Accept, BlockWrite, Content, Piece } from '../../../node/store/change.ts'
import { Store, type StoreOptions } from '../../../node/store/store.ts'
import { fixedKeys } from '../crypto/fixed.ts'

export const TREE: Principal = principalOf(fixedKeys('25519').sign.publicKey)
export const OTHER_TREE: Principal = principalOf(fixedKeys('25519', 'other').sign.publicKey)

/** An acceptance that tells what it is for, without a signature: the store only keeps it. */
export const accept: Accept = async blocks => Buffer.from(JSON.stringify(blocks.map(b => b.id)))

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  folders.push(folder)
  return join(folder, 'store')
}

export function open(folder: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  return Store.open(folder, { accept, ...options })
}

export const newId = (): BlockId => newBlockId(systemRandom)

/** Sectors of these lengths with random content, and the tree over them. */
export async function contentOf(
  lengths: readonly number[],
): Promise<Content & { pieces: Piece[] }> {
  const pieces: Piece[] = lengths.map((length, index) => {
    const bytes = randomBytes(length)
    return { hash: leafHash(index, bytes), bytes }
  })
  const tree = new MerkleTree({
    root: EMPTY_ROOT,
    count: 0,
    load: () => Promise.reject(new Error()),
  })
  await tree.resize(lengths.length)
  for (const [index, { hash }] of pieces.entries()) await tree.set(index, hash)
  const { root, pages } = await tree.flush()
  return { root, count: lengths.length, pieces: [...pieces, ...pages] }
}

export const EMPTY: Content = { root: EMPTY_ROOT, count: 0 }

/** A header that is none: the store takes any bytes. */
export function version(
  id: BlockId,
  generation: bigint,
  content: Content = EMPTY,
  expected?: Uint8Array,
): BlockWrite {
  const header = Buffer.from(`${id} ${generation} ${randomBytes(100).toString('hex')}`)
  return {
    tree: TREE,
    id,
    generation,
    content: { root: content.root, count: content.count },
    header,
    expected,
  }
}

export function hashOf(header: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([0x12, 0x20]), createHash('sha256').update(header).digest()])
}
