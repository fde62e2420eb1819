/**
 * A principal's keys: the signing key says which encryption key is its owner's. Others seal readcaps
 * for that key only.
 */
import { format } from '../codec/format.ts'
import { object } from '../codec/object.ts'
import { constant, u53 } from '../codec/scalars.ts'
import type { Infer } from '../codec/schema.ts'
import { publicKeySchema } from './public-key.ts'
import { signedFormat } from './signed.ts'

const body = object({
  v: constant(1),
  sign: publicKeySchema('sign'),
  decrypt: publicKeySchema('decrypt'),
  /** Of two records of a principal the one with the larger number counts; the first has 0. */
  serial: u53,
})

export type PrincipalRecord = Infer<typeof body>

export const principalRecord = signedFormat(
  'principal-record',
  format('principal', body),
  ({ sign }) => sign,
)
