/** The fields of a header; see docs/formats.md. */
import { format } from '../codec/format.ts'
import { list } from '../codec/list.ts'
import { object, optional } from '../codec/object.ts'
import { bytes, constant, u53, u64, u8, uint } from '../codec/scalars.ts'
import type { Infer } from '../codec/schema.ts'
import { WRAPPED_KEY_BYTES } from '../crypto/seal.ts'
import { SYMMETRIC_KEY_BYTES } from '../crypto/symmetric-key.ts'
import { ATTRIBUTES_BYTES_MAX } from './attributes.ts'
import { multihashSchema } from './hash-schema.ts'
import { blockIdSchema } from './id.ts'
import { kindSchema } from './kind.ts'
import { decryptKeySchema, signKeySchema, whoSchema } from './known.ts'
import { REVOCATIONS_MAX, revocationFormat } from './revocation.ts'
import { rootRecordFormat, ROOTS_MAX } from './root-record.ts'
import { CHAIN_MAX, writecapFormat } from './writecap.ts'

/** Entries of each list in a header. */
export const PARENTS_MAX = 64
export const READCAPS_MAX = 256
export const HISTORY_MAX = 256
/** A header's length, signature and all. */
export const HEADER_BYTES_MAX = 2 ** 18

/** Numbers of key epochs: from 1. */
const epoch = uint({ min: 1, max: 2 ** 32 - 1 })
const wrapped = bytes({ length: WRAPPED_KEY_BYTES })

/** A parent: the block's key wrapped under the parent's key of `epoch`. */
const parent = object({ id: blockIdSchema, epoch, key: wrapped })

/** A reader: the block's key wrapped for its encryption key `to`. */
const readcap = object({
  reader: whoSchema,
  to: decryptKeySchema,
  key: bytes({ min: 81, max: 114 }),
})

/** The block's key of an earlier epoch, wrapped under that of the header's. */
const earlier = object({ epoch, key: wrapped })

export type Parent = Infer<typeof parent>
export type Readcap = Infer<typeof readcap>
export type EarlierKey = Infer<typeof earlier>

const body = object({
  v: constant(1),
  /** Whose tree. */
  tree: whoSchema,
  id: blockIdSchema,
  kind: kindSchema,
  /** 1 for the first header of a block, one more for each that replaces it. */
  generation: u64,
  /** The multihash of the header that this one replaces; missing in the first. */
  previous: optional(multihashSchema),
  /** Of the block's key. */
  epoch,
  /** The first is the one whose writers may write here; more only for hard links; root block: none. */
  parents: list(parent, { max: PARENTS_MAX }),
  readcaps: list(readcap, { max: READCAPS_MAX }),
  /** For sectors that were not resealed yet; by epoch, falling. */
  history: list(earlier, { max: HISTORY_MAX }),
  /** The block's key in clear: everybody may read it. */
  publicKey: optional(bytes({ length: SYMMETRIC_KEY_BYTES })),
  /** Sealed, see `attributes.ts`. */
  attributes: bytes({ max: ATTRIBUTES_BYTES_MAX }),
  /** Bytes of content in a sector; the last may have fewer. */
  sectorSize: uint({ min: 1, max: 2 ** 24 }),
  sectors: u53,
  /** As a multihash, see `merkle-hash.ts`. */
  merkleRoot: multihashSchema,
  /** On how many nodes the owner wants it; 0: as its parent. */
  copies: u8,
  /** Ms since 1970. */
  time: u53,
  writer: signKeySchema,
  /** Signed writecaps, from the root key to the writer; none when the root key itself writes. */
  chain: list(bytes({ max: writecapFormat.maxBytes }), { max: CHAIN_MAX }),
  /** Signed revocations of writecaps for this block. */
  revocations: list(bytes({ max: revocationFormat.maxBytes }), { max: REVOCATIONS_MAX }),
  /** Signed root records; in the root block only. */
  roots: optional(list(bytes({ max: rootRecordFormat.maxBytes }), { min: 1, max: ROOTS_MAX })),
})

export type Header = Infer<typeof body>

export const headerBody = format('header', body, { bytes: HEADER_BYTES_MAX })
