/**
 * Exclusive leases with fencing tokens. A lease ends by itself; its token is higher than that of any
 * lease on the same thing before, and a change that carries its `fence` is refused when somebody else
 * holds the thing by then, however late the change comes.
 *
 * Notes: under the thing's name {holder, token}, under `until ` and the name the time of its end.
 */
import { format } from '../codec/format.ts'
import { object } from '../codec/object.ts'
import { text, u53 } from '../codec/scalars.ts'
import type { NoteWrite } from './change.ts'
import { StoreError } from './error.ts'
import type { Store } from './store.ts'

const held = format('lease', object({ holder: text({ max: 255 }), token: u53 }))
const time = format('until', u53)

/** Milliseconds since 1970. */
export type Clock = () => number

export type Lease = {
  readonly name: string
  readonly holder: string
  readonly token: number
  /** To be put into the notes of each change that the lease protects. */
  readonly fence: NoteWrite
}

/** Who holds `name` now, and until when (ms since 1970). */
export function leaseOn(
  store: Store,
  name: string,
  clock: Clock,
): { holder: string; token: number; until: number } | undefined {
  const [note, end] = [store.note('lease', name), store.note('lease', `until ${name}`)]
  if (note === undefined || end === undefined) return undefined
  const until = time.decode(end)
  return until > clock() ? { ...held.decode(note), until } : undefined
}

/**
 * Takes the lease on `name`, or another one if `holder` has it already, whose fence then is void.
 *
 * @param name    at most 1,000 bytes.
 * @param holder  at most 255 bytes.
 * @param ms      how long.
 * @throws {StoreError} `STORE_LEASED` somebody else has it; `STORE_CONFLICT` somebody else took it at
 *   the same time; and as `commit`.
 */
export async function takeLease(
  store: Store,
  { name, holder, ms, clock }: { name: string; holder: string; ms: number; clock: Clock },
): Promise<Lease> {
  const other = leaseOn(store, name, clock)
  if (other && other.holder !== holder)
    throw new StoreError(
      'STORE_LEASED',
      `${name} is leased to ${other.holder} until ${new Date(other.until).toISOString()}: try then`,
    )
  const before = store.note('lease', name)
  const token = before === undefined ? 1 : held.decode(before).token + 1
  const value = held.encode({ holder, token })
  const note = { kind: 'lease', key: name } as const
  const taken = { ...note, expected: before ?? null, value }
  await store.commit({ notes: [taken, untilNote(name, clock() + ms)] })
  return { name, holder, token, fence: { ...note, expected: value } }
}

/** @throws {StoreError} `STORE_CONFLICT` the lease is somebody else's by now; and as `commit`. */
export function renewLease(store: Store, lease: Lease, ms: number, clock: Clock): Promise<void> {
  return store.commit({ notes: [lease.fence, untilNote(lease.name, clock() + ms)] })
}

/** Ends a lease before its time; nothing happens when it is somebody else's by now. */
export async function endLease(store: Store, lease: Lease): Promise<void> {
  try {
    await store.commit({ notes: [lease.fence, untilNote(lease.name, 0)] })
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'STORE_CONFLICT') throw error
  }
}

function untilNote(name: string, until: number): NoteWrite {
  return { kind: 'lease', key: `until ${name}`, value: time.encode(until) }
}
