/**
 * Chains of writecaps that were made here, for whom they are: kept as notes of the store, so that the
 * one who got a chain finds it, and the one who gave it can take it back.
 *
 * Key: `grant/` tree `/` principal `/` hash of the last link (32 bytes in hexadecimal digits).
 * Value: DAG-CBOR {v: 1, chain: [signed writecaps, the root key's first]}.
 */
import { CHAIN_MAX, writecapFormat, type Writecap } from '../block/writecap.ts'
import { format } from '../codec/format.ts'
import { list } from '../codec/list.ts'
import { object } from '../codec/object.ts'
import { bytes, constant } from '../codec/scalars.ts'
import { multihash } from '../crypto/hash.ts'
import type { Principal } from '../crypto/principal.ts'
import type { NoteWrite } from '../store/change.ts'
import type { Store } from '../store/store.ts'

export const grantFormat = format(
  'grant',
  object({
    v: constant(1),
    chain: list(bytes({ max: writecapFormat.maxBytes }), { min: 1, max: CHAIN_MAX }),
  }),
)

export type Grant = {
  readonly key: string
  readonly chain: readonly Uint8Array[]
  /** The last link. */
  readonly cap: Writecap
  /** Multihash of the last link, signed. */
  readonly hash: Uint8Array
}

/** The note that keeps a chain. */
export function grantNote(chain: readonly Uint8Array[]): NoteWrite {
  const { key } = opened(chain)
  return { kind: 'setting', key, value: grantFormat.encode({ v: 1, chain }) }
}

/** The chains for `to` in `tree`, or for everybody. */
export function grantsOf(store: Store, tree: Principal, to?: Principal): Grant[] {
  const start = `grant/${tree}/${to === undefined ? '' : `${to}/`}`
  return store
    .notes('setting')
    .filter(({ key }) => key.startsWith(start))
    .map(({ value }) => opened(grantFormat.decode(value).chain))
}

function opened(chain: readonly Uint8Array[]): Grant {
  const last = chain.at(-1)!
  const cap = writecapFormat.open(last)
  const hash = multihash(last)
  const name = Buffer.from(hash.subarray(2)).toString('hex')
  return { key: `grant/${cap.tree}/${cap.to}/${name}`, chain, cap, hash }
}
