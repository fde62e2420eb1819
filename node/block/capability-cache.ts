/**
 * Signed values whose signature was found right, so that it is not verified again for every header
 * that carries them. Bounded, and only right ones get in.
 */
import { multihash } from '../crypto/hash.ts'
import type { SignedFormat } from '../crypto/signed.ts'
import { mapKey, Recent } from './recent.ts'
import { revocationFormat, type Revocation } from './revocation.ts'
import { rootRecordFormat, type RootRecord } from './root-record.ts'
import { writecapFormat, type Writecap } from './writecap.ts'

/** A value, and the multihash of its signed bytes as the key of a map. */
export type Opened<T> = { readonly value: T; readonly name: string }

class Signed<T> {
  readonly #format: SignedFormat<T>
  readonly #seen: Recent<string, Opened<T>>
  /** By the bytes themselves, which are not to be changed: writers show the same ones again and again. */
  readonly #same = new WeakMap<Uint8Array, Opened<T>>()

  constructor(format: SignedFormat<T>, half: number) {
    this.#format = format
    this.#seen = new Recent(half)
  }

  get size(): number {
    return this.#seen.size
  }

  /** Throws as {@link SignedFormat.open}. */
  open(signed: Uint8Array): Opened<T> {
    const same = this.#same.get(signed)
    if (same) return same
    const name = mapKey(multihash(signed))
    let opened = this.#seen.get(name)
    if (!opened) this.#seen.set(name, (opened = { value: this.#format.open(signed), name }))
    this.#same.set(signed, opened)
    return opened
  }
}

/** One for a node; some MB when it is full. */
export class CapabilityCache {
  readonly writecaps: Signed<Writecap>
  readonly revocations: Signed<Revocation>
  readonly roots: Signed<RootRecord>

  /** @param half  of the most values of each kind. */
  constructor(half = 1024) {
    this.writecaps = new Signed(writecapFormat, half)
    this.revocations = new Signed(revocationFormat, half)
    this.roots = new Signed(rootRecordFormat, half)
  }
}
