/** The revocations that a verifier knows: those in the headers on the way to a block. */
import type { Principal } from '../crypto/principal.ts'
import type { PublicKey } from '../crypto/public-key.ts'
import type { CapabilityCache, Opened } from './capability-cache.ts'
import type { Header } from './header-schema.ts'
import { mapKey } from './recent.ts'
import type { Revocation } from './revocation.ts'
import type { Writecap } from './writecap.ts'

export class Revocations {
  /** By the hash of the writecap. */
  readonly #byCap = new Map<string, Revocation[]>()

  constructor(revocations: Iterable<Revocation>) {
    for (const one of revocations) {
      const cap = mapKey(one.cap)
      const same = this.#byCap.get(cap)
      if (same) same.push(one)
      else this.#byCap.set(cap, [one])
    }
  }

  static readonly none = new Revocations([])

  /**
   * Those that `headers` hold; of the root block down to the one that is asked about.
   *
   * @throws {CodecError}, {CryptoError} when one is none.
   */
  static of(tree: Principal, headers: Iterable<Header>, cache: CapabilityCache): Revocations {
    const found: Revocation[] = []
    for (const header of headers)
      for (const signed of header.revocations) {
        const { value } = cache.revocations.open(signed)
        if (value.tree === tree) found.push(value)
      }
    return found.length === 0 ? Revocations.none : new Revocations(found)
  }

  /** Those made until `at`, ms since 1970: what held when something was accepted then. */
  until(at: number): Revocations {
    const all = [...this.#byCap.values()].flat()
    const before = all.filter(one => one.at <= at)
    return before.length === all.length ? this : new Revocations(before)
  }

  /**
   * Whether the last of `links` was taken back by one who may: its issuer, that of a link before it,
   * or a key that owns or owned the tree.
   */
  revokes(links: readonly Opened<Writecap>[], roots: readonly PublicKey<'sign'>[]): boolean {
    const against = this.#byCap.get(links.at(-1)!.name)
    return (
      against !== undefined &&
      against.some(
        ({ by }) =>
          links.some(({ value }) => value.issuer.equals(by)) || roots.some(root => root.equals(by)),
      )
    )
  }
}
