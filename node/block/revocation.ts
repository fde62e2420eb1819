/**
 * Revocations: a writecap no longer counts. They are kept, signed and in clear, in the header of the
 * block that is the writecap's scope, so that whoever verifies can read them.
 */
import { format } from '../codec/format.ts'
import { object } from '../codec/object.ts'
import { constant, u53 } from '../codec/scalars.ts'
import type { Infer } from '../codec/schema.ts'
import { signedFormat } from '../crypto/signed.ts'
import { multihashSchema } from './hash-schema.ts'
import { blockIdSchema } from './id.ts'
import { signKeySchema, whoSchema } from './known.ts'

const body = object({
  v: constant(1),
  tree: whoSchema,
  /** The writecap's; the block whose header holds this. */
  scope: blockIdSchema,
  /** The multihash of the signed writecap. */
  cap: multihashSchema,
  /** The writecap's; afterwards nobody needs this any more. Ms since 1970. */
  expires: u53,
  by: signKeySchema,
  /** Ms since 1970. */
  at: u53,
})

export type Revocation = Infer<typeof body>

export const revocationFormat = signedFormat(
  'revocation',
  format('revocation', body),
  ({ by }) => by,
)

/** Revocations in a header. */
export const REVOCATIONS_MAX = 256
