/**
 * Whether headers that are kept here are what they should be: their signature, and that their writer
 * had a right to the block on the path that a reader took (rule 2). What was found right is remembered.
 */
import { expectAccepted, openAcceptance, type Acceptance } from '../block/acceptance.ts'
import { CapabilityCache } from '../block/capability-cache.ts'
import { BlockError } from '../block/error.ts'
import { openHeader, type OpenHeader } from '../block/header.ts'
import type { BlockId } from '../block/id.ts'
import { mapKey, Recent } from '../block/recent.ts'
import type { RootRecord } from '../block/root-record.ts'
import { openRoots } from '../block/roots.ts'
import { Revocations } from '../block/revocations.ts'
import { checkOnPath } from '../block/rules.ts'
import type { Principal } from '../crypto/principal.ts'
import { sha256 } from '../crypto/hash.ts'
import type { StoredBlock } from '../store/change.ts'
import { TreeError } from './error.ts'
import type { Clock } from './means.ts'

/** Headers that are remembered, twice; some KB each. */
const HEADERS = 1024
const ACCEPTANCES = 64

/** What is known of those who may write somewhere. */
export type Rights = {
  readonly roots: readonly RootRecord[]
  readonly revocations: Revocations
  readonly cache: CapabilityCache
}

export class Trust {
  readonly cache = new CapabilityCache()
  readonly #clock: Clock
  readonly #headers = new Recent<string, OpenHeader>(HEADERS)
  readonly #roots = new WeakMap<OpenHeader, readonly RootRecord[]>()
  readonly #trusted = new WeakMap<OpenHeader, string>()
  readonly #acceptances = new Recent<string, Acceptance>(ACCEPTANCES)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * The header of a block as it is stored, with its signature verified.
   *
   * @throws {CodecError}, {CryptoError}, {BlockError} it is no header, or not the writer's.
   * @throws {TreeError} `TREE_DAMAGED` it is that of another block.
   */
  open(tree: Principal, id: BlockId, stored: StoredBlock): OpenHeader {
    const name = mapKey(stored.hash)
    let opened = this.#headers.get(name)
    if (!opened) this.#headers.set(name, (opened = openHeader(stored.header)))
    if (opened.header.tree !== tree || opened.header.id !== id)
      throw new TreeError(
        'TREE_DAMAGED',
        `in the place of block ${id} lies one of ${opened.header.id}: fsck says more`,
      )
    return opened
  }

  /** Remembers a header that was made here, by the rules. */
  learn(opened: OpenHeader): void {
    this.#headers.set(mapKey(opened.hash), opened)
  }

  /**
   * @param root   the header of the tree's root block.
   * @param above  the headers on a path, the root block's first.
   */
  rights(root: OpenHeader, above: readonly OpenHeader[]): Rights {
    const { header } = root
    let roots = this.#roots.get(root)
    if (!roots) {
      roots = openRoots(header.tree, header.roots ?? [], this.cache)
      this.#roots.set(root, roots)
    }
    const revoking = above.filter(one => one.header.revocations.length > 0)
    const revocations = Revocations.of(
      header.tree,
      revoking.map(one => one.header),
      this.cache,
    )
    return { roots, revocations, cache: this.cache }
  }

  /**
   * Returns when the last header of `path` was written by one who may write there, now or when it was
   * accepted.
   *
   * @param path        the root block's header first.
   * @param acceptance  what was stored with the last one.
   * @throws {BlockError} as {@link checkOnPath}.
   */
  expectOnPath(path: readonly OpenHeader[], acceptance: () => Uint8Array): void {
    const opened = path.at(-1)!
    const way = path.map(({ header, hash }) =>
      header.revocations.length > 0 ? header.id + mapKey(hash) : header.id,
    )
    const key = way.join('/')
    if (this.#trusted.get(opened) === key) return
    const ids = path.map(({ header }) => header.id)
    const rights = this.rights(path[0]!, path)
    try {
      checkOnPath(opened, ids, { ...rights, at: this.#clock() })
    } catch (error) {
      if (!(error instanceof BlockError) || !LATER.has(error.code)) throw error
      const at = this.#acceptedAt(opened, acceptance(), rights)
      if (at === undefined) throw error
      const { roots, revocations, cache } = rights
      checkOnPath(opened, ids, { roots, cache, at, revocations: revocations.until(at) })
    }
    this.#trusted.set(opened, key)
  }

  /** When a header was accepted; undefined when that is not proven. */
  #acceptedAt(opened: OpenHeader, signed: Uint8Array, rights: Rights): number | undefined {
    try {
      const name = mapKey(sha256(signed))
      let acceptance = this.#acceptances.get(name)
      if (!acceptance) {
        acceptance = openAcceptance(opened.header.tree, signed, rights)
        this.#acceptances.set(name, acceptance)
      }
      expectAccepted(acceptance, opened)
      return acceptance.at
    } catch {
      return undefined
    }
  }
}

/** What may have been otherwise when a header was accepted. */
const LATER: ReadonlySet<string> = new Set(['CHAIN_EXPIRED', 'CHAIN_REVOKED', 'CHAIN_ROOT'])
