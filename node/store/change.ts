/** What is asked of the store, and what it gives: pieces, blocks, siblings, notes. */
import type { BlockId } from '../block/id.ts'
import type { Principal } from '../crypto/principal.ts'

/**
 * A sector or a Merkle page, under the 32-byte hash that its reader knows the rule of. The bytes are not
 * to be changed until the change, or the stage's `add`, is through.
 */
export type Piece = { readonly hash: Uint8Array; readonly bytes: Uint8Array }

/** A version's Merkle tree: what has to be kept for it. */
export type Content = {
  /** 32 bytes; of no meaning when `count` is 0. */
  readonly root: Uint8Array
  /** Sectors. */
  readonly count: number
}

/** A signed header, with what the store needs to know of it without reading it. */
export type Version = {
  readonly tree: Principal
  readonly id: BlockId
  /** At most 2^63 - 1. */
  readonly generation: bigint
  readonly content: Content
  /** The signed bytes. */
  readonly header: Uint8Array
  /** Their hash, 34 bytes, when it is known already. */
  readonly hash?: Uint8Array
}

/** A header that becomes the current one of its block. */
export type BlockWrite = Version & {
  /** Hash (34 bytes) of the header it replaces; undefined when there must be none. */
  readonly expected: Uint8Array | undefined
}

export type BlockRemoval = {
  readonly tree: Principal
  readonly id: BlockId
  /** Hash (34 bytes) of the header that is current. */
  readonly expected: Uint8Array
}

/** Small values beside the blocks, under a key of at most 1,024 bytes. */
export type NoteKind = 'principal' | 'request' | 'lease' | 'setting'

export type NoteWrite = {
  readonly kind: NoteKind
  readonly key: string
  /** What must be there: bytes, or null for nothing. Not looked at when it is missing. */
  readonly expected?: Uint8Array | null
  /** What is put there: bytes, at most 64 KiB, or null to remove it. Left as it is when missing. */
  readonly value?: Uint8Array | null
}

/** All of it happens, durably, or nothing. */
export type Change = {
  /** Those that the headers need and the store may not have; one that is there already is fine. */
  readonly pieces?: readonly Piece[]
  readonly blocks?: readonly BlockWrite[]
  readonly removals?: readonly BlockRemoval[]
  /** Versions that lost: kept with their contents until they are removed. */
  readonly siblings?: readonly Version[]
  readonly siblingRemovals?: readonly {
    readonly tree: Principal
    readonly id: BlockId
    /** Of the header, 34 bytes. */
    readonly hash: Uint8Array
  }[]
  readonly notes?: readonly NoteWrite[]
}

export type StoredBlock = {
  readonly header: Uint8Array
  /** Of the header, 34 bytes. */
  readonly hash: Uint8Array
  readonly generation: bigint
  readonly content: Content
  /** What {@link Accept} gave for the group that the header came with. */
  readonly acceptance: Uint8Array
}

export type Accepted = {
  readonly tree: Principal
  readonly id: BlockId
  readonly generation: bigint
  readonly hash: Uint8Array
}

/** Blocks that one acceptance names at most. */
export const ACCEPTED_MAX = 1024

/**
 * Signs for headers that are about to be kept: 1 to {@link ACCEPTED_MAX}, all of one tree. What it
 * throws fails the changes they come from.
 */
export type Accept = (blocks: readonly Accepted[]) => Promise<Uint8Array>
