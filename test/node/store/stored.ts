/** Stores in temporary folders, and blocks with real headers to put into them. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { SigningInput } from '../../../node/codec/signing.ts'
import { asMultihash } from '../../../node/block/hash-schema.ts'
import { signHeader } from '../../../node/block/header.ts'
import { newBlockId, type BlockId } from '../../../node/block/id.ts'
import { EMPTY_ROOT, leafHash } from '../../../node/block/merkle-hash.ts'
import { MerkleTree } from '../../../node/block/merkle.ts'
import { principalOf, type Principal } from '../../../node/crypto/principal.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { sign } from '../../../node/crypto/sign.ts'
import type { Accept, BlockWrite, Content, Piece } from '../../../node/store/change.ts'
import type { Finding } from '../../../node/store/check.ts'
import { Store, type StoreOptions } from '../../../node/store/store.ts'
import { fixedKeys } from '../crypto/fixed.ts'

const OWNERS = { one: fixedKeys('25519').sign, other: fixedKeys('25519', 'other').sign }
export const TREE: Principal = principalOf(OWNERS.one.publicKey)
export const OTHER_TREE: Principal = principalOf(OWNERS.other.publicKey)

/** An acceptance that tells what it is for, without a signature: the store only keeps it. */
export const accept: Accept = async blocks => Buffer.from(JSON.stringify(blocks.map(b => b.id)))

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function newFolder(beside = tmpdir()): string {
  const folder = mkdtempSync(join(beside, 'store-'))
  folders.push(folder)
  return join(folder, 'store')
}

export function open(folder: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  return Store.open(folder, { accept, ...options })
}

export const newId = (): BlockId => newBlockId(systemRandom)

export type Filled = Content & { readonly pieces: Piece[] }

/** Sectors of these lengths with random content, and the tree over them. */
export async function contentOf(lengths: readonly number[]): Promise<Filled> {
  const pieces: Piece[] = lengths.map((length, index) => {
    const bytes = randomBytes(length)
    return { hash: leafHash(index, bytes), bytes }
  })
  const load = () => Promise.reject(new Error('nothing to load'))
  const tree = new MerkleTree({ root: EMPTY_ROOT, count: 0, load })
  await tree.resize(lengths.length)
  for (const [index, { hash }] of pieces.entries()) await tree.set(index, hash)
  const { root, pages } = await tree.flush()
  return { root, count: lengths.length, pieces: [...pieces, ...pages] }
}

export const EMPTY: Content = { root: EMPTY_ROOT, count: 0 }

type Wanted = {
  readonly id?: BlockId
  readonly generation?: bigint
  readonly content?: Content
  /** The header that is replaced. */
  readonly before?: BlockWrite
  readonly owner?: keyof typeof OWNERS
}

/** A version of a file with a signed header; of a new file, unless something else is wanted. */
export async function version(wanted: Wanted = {}): Promise<BlockWrite> {
  const { owner = 'one', before, content = EMPTY } = wanted
  const { id = before?.id ?? newId(), generation = (before?.generation ?? 0n) + 1n } = wanted
  const keys = OWNERS[owner]
  const tree = principalOf(keys.publicKey)
  const header = {
    v: 1,
    tree,
    id,
    kind: 'file',
    generation,
    ...(generation > 1n && { previous: before ? hashOf(before.header) : hashOf(randomBytes(9)) }),
    epoch: 1,
    parents: [{ id: newId(), epoch: 1, key: randomBytes(61) }],
    readcaps: [],
    history: [],
    attributes: randomBytes(60),
    sectorSize: 65536,
    sectors: content.count,
    merkleRoot: asMultihash(content.root),
    copies: 0,
    time: 0,
    writer: keys.publicKey,
    chain: [],
    revocations: [],
  } as const
  const signer = { signKey: keys.publicKey, sign: async (input: SigningInput) => sign(keys, input) }
  const { bytes } = await signHeader(header, signer)
  const { root, count } = content
  const expected = before && hashOf(before.header)
  return { tree, id, generation, content: { root, count }, header: bytes, expected }
}

/** 34 bytes, worked out without the store's help. */
export function hashOf(header: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([0x12, 0x20]), createHash('sha256').update(header).digest()])
}

/** What a check finds. */
export async function findings(store: Store, repair = false): Promise<Finding[]> {
  const found: Finding[] = []
  await store.check({ report: finding => found.push(finding), repair })
  return found
}

export const codes = (found: readonly Finding[]) => found.map(({ code }) => code)
