/**
 * Requests for access: a principal who may not read or write asks, the owner approves or denies. Kept
 * as notes of the store until then.
 *
 * Key: the request's id, the first 16 bytes of SHA-256 of the value in hexadecimal digits. Value: the
 * request, signed by who asks (domain `access-request`).
 */
import { whoSchema, signKeySchema } from '../block/known.ts'
import { format } from '../codec/format.ts'
import { object, optional } from '../codec/object.ts'
import { bool, bytes, constant, text, u53 } from '../codec/scalars.ts'
import { sha256 } from '../crypto/hash.ts'
import { principalOf, type Principal } from '../crypto/principal.ts'
import { principalRecord } from '../crypto/principal-record.ts'
import { signedFormat } from '../crypto/signed.ts'
import { TreeError } from './error.ts'
import type { Means } from './means.ts'
import { formatPath, PATH_LENGTH_MAX, type TreePath } from './path.ts'

/** Requests that wait at a time. */
export const REQUESTS_MAX = 256

const NOTE_MAX = 500

export const requestFormat = signedFormat(
  'access-request',
  format(
    'request',
    object({
      v: constant(1),
      tree: whoSchema,
      path: text({ min: 1, max: PATH_LENGTH_MAX * 3 }),
      write: bool,
      /** In words, for the owner. */
      note: optional(text({ max: NOTE_MAX })),
      by: signKeySchema,
      /** The signed record of who asks. */
      record: bytes({ max: principalRecord.maxBytes }),
      /** Ms since 1970. */
      at: u53,
    }),
  ),
  ({ by }) => by,
)

export type AccessRequest = {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly path: string
  readonly from: Principal
  readonly write: boolean
  readonly note?: string
  /** Ms since 1970. */
  readonly at: number
}

/** @throws {TreeError} `TREE_FULL` too many wait; {CodecError} `CODEC_LENGTH` a note is too long. */
export async function request(
  { store, credentials, clock }: Means,
  path: TreePath,
  { write, note }: { readonly write: boolean; readonly note?: string },
): Promise<AccessRequest> {
  if (store.notes('request').length >= REQUESTS_MAX)
    throw new TreeError('TREE_FULL', `${REQUESTS_MAX} requests wait already: answer some`)
  const signed = await requestFormat.sign(
    {
      v: 1,
      tree: path.tree,
      path: formatPath(path),
      write,
      ...(note !== undefined && { note }),
      by: credentials.signKey,
      record: credentials.record,
      at: clock(),
    },
    credentials,
  )
  const id = idOf(signed)
  await store.commit({ notes: [{ kind: 'request', key: id, value: signed }] })
  return open(id, signed).request
}

/** Those that wait for an answer, the oldest first. */
export function requests({ store }: Means): AccessRequest[] {
  return store
    .notes('request')
    .map(({ key, value }) => open(key, value).request)
    .sort((a, b) => a.at - b.at)
}

/**
 * A request with the signed record of who asks.
 *
 * @throws {TreeError} `TREE_NO_REQUEST`.
 */
export function waiting(
  { store }: Means,
  id: string,
): { readonly request: AccessRequest; readonly record: Uint8Array } {
  const signed = store.note('request', id)
  if (signed) return open(id, signed)
  throw new TreeError('TREE_NO_REQUEST', `no request ${id} waits: it may be answered already`)
}

/** Takes a request away: it was answered. */
export async function answered({ store }: Means, id: string): Promise<void> {
  await store.commit({ notes: [{ kind: 'request', key: id, value: null }] })
}

function open(id: string, signed: Uint8Array) {
  const { path, write, note, by, record, at } = requestFormat.open(signed)
  const from = principalOf(by)
  if (principalOf(principalRecord.open(record).sign) !== from)
    throw new TreeError('TREE_DAMAGED', `the request ${id} shows the record of somebody else`)
  const request = { id, path, from, write, at, ...(note !== undefined && { note }) }
  return { request, record }
}

function idOf(signed: Uint8Array): string {
  return Buffer.from(sha256(signed).subarray(0, 16)).toString('hex')
}
