/**
 * Leases: for a time only their holder may write a block. The token goes along with each write; one
 * that comes late, when another holds the lease or held it since, is refused.
 */
import type { Place } from '../block/context.ts'
import { StoreError } from '../store/error.ts'
import { TreeError } from './error.ts'
import { leaseFormat, leaseKey, type LeaseRecord } from './lease-note.ts'
import type { Means } from './means.ts'

export const LEASE_MS_MIN = 1000
export const LEASE_MS_MAX = 24 * 3600_000

export type Lease = {
  readonly token: number
  /** Ms since 1970. */
  readonly until: number
}

/**
 * @param ms  how long, 1,000 to 86,400,000.
 * @throws {TreeError} `TREE_LEASED` somebody has it, also the caller; `TREE_RANGE`.
 */
export async function takeLease(means: Means, place: Place, ms: number): Promise<Lease> {
  expectTime(ms)
  const now = means.clock()
  const { bytes, record } = kept(means, place)
  if (record && now < record.expires)
    throw new TreeError(
      'TREE_LEASED',
      `block ${place.id} is leased to ${record.holder} until ${new Date(record.expires).toISOString()}`,
    )
  const token = (record?.token ?? 0) + 1
  return put(means, place, bytes, token, now + ms)
}

/** @throws {TreeError} `TREE_LEASED` it has ended, or was another's since; `TREE_RANGE`. */
export async function renewLease(
  means: Means,
  place: Place,
  token: number,
  ms: number,
): Promise<Lease> {
  expectTime(ms)
  const now = means.clock()
  const { bytes, record } = kept(means, place)
  if (!record || record.token !== token || now >= record.expires)
    throw new TreeError('TREE_LEASED', `the lease ${token} of block ${place.id} has ended`)
  return put(means, place, bytes, token, now + ms)
}

/** Nothing happens when it has ended already. */
export async function releaseLease(means: Means, place: Place, token: number): Promise<void> {
  const { bytes, record } = kept(means, place)
  if (record?.token !== token || means.clock() >= record.expires) return
  await put(means, place, bytes, token, 0)
}

function kept(
  { store }: Means,
  place: Place,
): { readonly bytes: Uint8Array | undefined; readonly record: LeaseRecord | undefined } {
  const bytes = store.note('lease', leaseKey(place))
  return { bytes, record: bytes && leaseFormat.decode(bytes) }
}

async function put(
  { store, credentials }: Means,
  place: Place,
  before: Uint8Array | undefined,
  token: number,
  until: number,
): Promise<Lease> {
  const value = leaseFormat.encode({
    v: 1,
    token,
    holder: credentials.principal,
    expires: until,
  })
  const key = leaseKey(place)
  try {
    await store.commit({ notes: [{ kind: 'lease', key, expected: before ?? null, value }] })
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'STORE_CONFLICT') throw error
    throw new TreeError('TREE_LEASED', `somebody else took the lease of block ${place.id} just now`)
  }
  return { token, until }
}

function expectTime(ms: number): void {
  if (Number.isInteger(ms) && ms >= LEASE_MS_MIN && ms <= LEASE_MS_MAX) return
  throw new TreeError(
    'TREE_RANGE',
    `a lease of ${ms} ms, expected ${LEASE_MS_MIN} to ${LEASE_MS_MAX}`,
  )
}
