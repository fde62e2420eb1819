/**
 * Leases as they are kept: a note of the store for each block that ever had one, so that tokens only
 * grow.
 *
 * Value: DAG-CBOR {v: 1, token, holder, expires}.
 */
import type { Place } from '../block/context.ts'
import { whoSchema } from '../block/known.ts'
import { format } from '../codec/format.ts'
import { object } from '../codec/object.ts'
import { constant, u53 } from '../codec/scalars.ts'
import type { Infer } from '../codec/schema.ts'
import type { NoteWrite } from '../store/change.ts'
import { TreeError } from './error.ts'
import type { Means } from './means.ts'

const schema = object({
  v: constant(1),
  /** One more for each lease of the block, from 1. */
  token: u53,
  holder: whoSchema,
  /** Ms since 1970; the lease has ended then. */
  expires: u53,
})

export type LeaseRecord = Infer<typeof schema>
export const leaseFormat = format('lease', schema)

export function leaseKey({ tree, id }: Place): string {
  return `${tree}/${id}`
}

/**
 * What a change has to expect of the lease of a block, so that it is refused when somebody else gets
 * the lease before it is written.
 *
 * @param token  of the one who changes it, if it has a lease.
 * @throws {TreeError} `TREE_LEASED`.
 */
export function leaseNote(
  { store }: Means,
  place: Place,
  token: number | undefined,
  now: number,
): NoteWrite {
  const key = leaseKey(place)
  const stored = store.note('lease', key)
  const lease = stored && leaseFormat.decode(stored)
  const live = lease !== undefined && now < lease.expires
  if (token === undefined && live)
    throw new TreeError(
      'TREE_LEASED',
      `block ${place.id} is leased to ${lease.holder} until ${new Date(lease.expires).toISOString()}`,
    )
  if (token !== undefined && (!live || lease.token !== token))
    throw new TreeError(
      'TREE_LEASED',
      `the lease ${token} of block ${place.id} has ended: take another and read the block again`,
    )
  return { kind: 'lease', key, expected: stored ?? null }
}
