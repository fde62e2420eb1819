/** By which right this principal writes: its chains, and a session key for each. */
import type { BlockId } from '../block/id.ts'
import { Session, type Writer } from '../block/session.ts'
import type { CredentialStore } from '../crypto/credential-store.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Random } from '../crypto/random.ts'
import type { Store } from '../store/store.ts'
import { TreeError } from './error.ts'
import { grantsOf, type Grant } from './grant.ts'
import type { Clock } from './means.ts'

type Options = {
  readonly store: Store
  readonly credentials: CredentialStore
  readonly random: Random
  readonly clock: Clock
}

type Held = { readonly grant: Grant; readonly session: Session | undefined }

export class Authority {
  readonly #options: Options
  readonly #byTree = new Map<Principal, Held[]>()

  constructor(options: Options) {
    this.#options = options
  }

  /** The right of other credentials. */
  as(credentials: CredentialStore): Authority {
    return new Authority({ ...this.#options, credentials })
  }

  /**
   * Who signs what is written to the last block of a path.
   *
   * @param ids    from the root block to the block.
   * @param owner  whose key owns the tree now.
   * @throws {TreeError} `TREE_NO_AUTHORITY`.
   */
  async writer(tree: Principal, ids: readonly BlockId[], owner?: Principal): Promise<Writer> {
    const { credentials } = this.#options
    if (credentials.principal === (owner ?? tree))
      return { signKey: credentials.signKey, sign: credentials.sign, chain: [] }
    const { session } = this.#held(tree, ids, one => one.session !== undefined)
    return session!.signer()
  }

  /** The chain by which this principal may hand on its right to the last block of a path. */
  chain(tree: Principal, ids: readonly BlockId[], owner?: Principal): readonly Uint8Array[] {
    if (this.#options.credentials.principal === (owner ?? tree)) return []
    return this.#held(tree, ids, one => one.grant.cap.depth > 0).grant.chain
  }

  /** Whether this principal may write the last block of a path. */
  may(tree: Principal, ids: readonly BlockId[], owner?: Principal): boolean {
    try {
      this.chain(tree, ids, owner)
      return true
    } catch {
      return false
    }
  }

  /** Looks for chains again: one was given or taken back. */
  forget(tree: Principal): void {
    this.#byTree.delete(tree)
  }

  #held(tree: Principal, ids: readonly BlockId[], fits: (one: Held) => boolean): Held {
    const found = this.#find(tree, ids, fits)
    if (found) return found
    this.forget(tree)
    const again = this.#find(tree, ids, fits)
    if (again) return again
    const { credentials } = this.#options
    throw new TreeError(
      'TREE_NO_AUTHORITY',
      `${credentials.principal} has no capability for block ${ids.at(-1)} of ${tree}: ` +
        'ask its owner for one with blocktree request',
    )
  }

  /** The one that reaches furthest up, and of those the one that lasts longest. */
  #find(tree: Principal, ids: readonly BlockId[], fits: (one: Held) => boolean): Held | undefined {
    const now = this.#options.clock()
    let best: Held | undefined
    for (const one of this.#grants(tree)) {
      const { cap } = one.grant
      const at = ids.indexOf(cap.scope)
      if (at < 0 || now >= cap.expires || now < cap.notBefore || !fits(one)) continue
      if (!best) best = one
      const other = ids.indexOf(best.grant.cap.scope)
      if (at < other || (at === other && cap.expires > best.grant.cap.expires)) best = one
    }
    return best
  }

  #grants(tree: Principal): readonly Held[] {
    let held = this.#byTree.get(tree)
    if (!held) {
      const { store, credentials, clock, random } = this.#options
      held = grantsOf(store, tree, credentials.principal).map(grant => ({
        grant,
        // What may not be handed on is of no use to a session key.
        session:
          grant.cap.depth === 0
            ? undefined
            : new Session({ tree, credentials, chain: grant.chain, clock, random }),
      }))
      this.#byTree.set(tree, held)
    }
    return held
  }
}
