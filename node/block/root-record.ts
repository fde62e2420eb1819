/**
 * Root records: which key owns a tree, and what its successor will be. The root block holds them, the
 * first one signed by the key that names the tree.
 */
import { format } from '../codec/format.ts'
import { object } from '../codec/object.ts'
import { constant, u53, uint } from '../codec/scalars.ts'
import type { Infer } from '../codec/schema.ts'
import { GENERATION_MAX } from '../crypto/root-key.ts'
import { signedFormat } from '../crypto/signed.ts'
import { multihashSchema } from './hash-schema.ts'
import { signKeySchema, whoSchema } from './known.ts'

const body = object({
  v: constant(1),
  tree: whoSchema,
  /** Of the root key, from 0. */
  generation: uint({ max: GENERATION_MAX }),
  key: signKeySchema,
  /** The multihash of the next generation's key, 33 bytes. */
  successor: multihashSchema,
  /** When `key` takes over; ms since 1970. */
  at: u53,
})

export type RootRecord = Infer<typeof body>

export const rootRecordFormat = signedFormat('root-record', format('root', body), ({ key }) => key)

/** Root records in a root block. */
export const ROOTS_MAX = 64
