/** Headers: what a block is, who may read it and who wrote it; signed by the writer. */
import { equal } from '../crypto/bytes.ts'
import { multihash } from '../crypto/hash.ts'
import type { Signer } from '../crypto/sign.ts'
import { signedFormat } from '../crypto/signed.ts'
import { BlockError } from './error.ts'
import { digestOf } from './hash-schema.ts'
import { headerBody, type Header } from './header-schema.ts'
import { rootBlockId, type BlockId } from './id.ts'
import { EMPTY_ROOT } from './merkle-hash.ts'

const headerFormat = signedFormat('block-header', headerBody, ({ writer }) => writer)

/** A header with the bytes that were signed; what {@link openHeader} makes. */
export type OpenHeader = {
  readonly header: Header
  /** As they are kept and sent; not to be changed. */
  readonly bytes: Uint8Array
  /** The multihash of `bytes`, 34 bytes: the name of this version of the block. */
  readonly hash: Uint8Array
}

/**
 * @param signer  whose key `header.writer` is.
 * @throws {CodecError} a field is wrong.
 * @throws {BlockError} `BLOCK_SHAPE`.
 * @throws {CryptoError} `PRINCIPAL_OTHER`.
 */
export async function signHeader(header: Header, signer: Signer): Promise<OpenHeader> {
  checkShape(header)
  const bytes = await headerFormat.sign(header, signer)
  return { header, bytes, hash: multihash(bytes) }
}

/**
 * A header whose signature is the writer's. That the writer had a right to write it is for
 * `rules.ts` to say.
 *
 * @param bytes  not to be changed afterwards.
 * @throws {CodecError} as {@link Format.decode}.
 * @throws {CryptoError} `SIGNATURE_MALFORMED`, `SIGNATURE_WRONG`.
 * @throws {BlockError} `BLOCK_SHAPE`.
 */
export function openHeader(bytes: Uint8Array): OpenHeader {
  const header = headerFormat.open(bytes)
  checkShape(header)
  return { header, bytes, hash: multihash(bytes) }
}

/** The block whose writers may write this one; of the root block none. */
export function parentOf(header: Header): BlockId | undefined {
  return header.parents[0]?.id
}

/** @throws {BlockError} `BLOCK_SHAPE` fields that do not fit each other. */
export function checkShape(header: Header): void {
  const wrong = shapeFault(header)
  if (wrong !== undefined)
    throw new BlockError('BLOCK_SHAPE', `the header of ${header.id} ${wrong}`)
}

function shapeFault(header: Header): string | undefined {
  const { tree, id, kind, generation, previous, epoch, parents, roots } = header
  const isRoot = id === rootBlockId(tree)
  if (generation === 0n) return 'is of generation 0, expected 1 or more'
  if ((generation === 1n) !== (previous === undefined))
    return 'must name the one before it, unless it is the first'
  if (isRoot !== (parents.length === 0)) return 'must have a parent, unless it is the root block'
  if (isRoot !== (roots !== undefined)) return 'must have root records if it is the root block only'
  if (isRoot && kind !== 'directory') return `is the root block, but a ${kind}, not a directory`
  if (parents.length > 1 && kind !== 'file') return `is a ${kind} with several parents`
  if (twice(parents.map(parent => parent.id))) return 'has a parent twice'
  if (parents.some(parent => parent.id === id)) return 'is its own parent'
  if (twice(header.readcaps.map(({ reader }) => reader))) return 'has a reader twice'
  const epochs = [epoch, ...header.history.map(earlier => earlier.epoch)]
  if (epochs.some((one, i) => i > 0 && one >= epochs[i - 1]!))
    return 'has earlier keys that are not in falling order of their epochs'
  if (header.sectors === 0 && !equal(digestOf(header.merkleRoot), EMPTY_ROOT))
    return 'has no sectors, but a Merkle root of some'
  return undefined
}

function twice(names: readonly string[]): boolean {
  return names.length > 1 && new Set(names).size < names.length
}
