/**
 * Writecaps: the issuer lets a principal write a block and all that is below it, for a time. A chain
 * of them leads from the root key to a writer; see `chain.ts`.
 */
import { format } from '../codec/format.ts'
import { object } from '../codec/object.ts'
import { constant, u53, u8 } from '../codec/scalars.ts'
import type { Infer } from '../codec/schema.ts'
import { signedFormat } from '../crypto/signed.ts'
import { blockIdSchema } from './id.ts'
import { signKeySchema, whoSchema } from './known.ts'

const body = object({
  v: constant(1),
  tree: whoSchema,
  issuer: signKeySchema,
  to: whoSchema,
  scope: blockIdSchema,
  /** Valid from this instant on, ms since 1970. */
  notBefore: u53,
  /** No longer valid at this instant. */
  expires: u53,
  /** How many more links may follow; 0: it may not be handed on. */
  depth: u8,
})

export type Writecap = Infer<typeof body>

export const writecapFormat = signedFormat(
  'writecap',
  format('writecap', body),
  ({ issuer }) => issuer,
)

/** Links in a chain. */
export const CHAIN_MAX = 8
