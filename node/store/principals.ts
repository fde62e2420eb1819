/** Records of principals that this node has come to know: for whom readcaps can be sealed. */
import { parsePrincipal, principalOf, type Principal } from '../crypto/principal.ts'
import { principalRecord, type PrincipalRecord } from '../crypto/principal-record.ts'
import { StoreError } from './error.ts'
import type { Store } from './store.ts'

/**
 * Keeps a signed record, unless one of the same principal with the same or a larger serial is kept.
 *
 * @returns the record that counts now.
 * @throws {CodecError} or {CryptoError} for bytes that are no signed record.
 * @throws {StoreError} as `commit`.
 */
export async function rememberPrincipal(
  store: Store,
  signed: Uint8Array,
): Promise<PrincipalRecord> {
  const record = principalRecord.open(signed)
  const key = principalOf(record.sign)
  for (;;) {
    const before = store.note('principal', key)
    const known = before && principalRecord.open(before)
    if (known && known.serial >= record.serial) return known
    try {
      const note = { kind: 'principal', key, expected: before ?? null, value: signed } as const
      await store.commit({ notes: [note] })
      return record
    } catch (error) {
      // Somebody else kept another one meanwhile: look again which of them counts.
      if (!(error instanceof StoreError) || error.code !== 'STORE_CONFLICT') throw error
    }
  }
}

/** The record that counts, its signature checked. Throws as {@link rememberPrincipal}. */
export function knownPrincipal(store: Store, principal: Principal): PrincipalRecord | undefined {
  const signed = store.note('principal', principal)
  return signed && principalRecord.open(signed)
}

export function knownPrincipals(store: Store): Principal[] {
  return store.notes('principal').map(({ key }) => parsePrincipal(key))
}
