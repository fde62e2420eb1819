/**
 * The changes of one group, checked one after the other against what is stored and what those before
 * them will have done. A change that does not fit is refused alone; nothing is written here.
 */
import type { BlockId } from '../block/id.ts'
import { equal } from '../crypto/bytes.ts'
import type { Principal } from '../crypto/principal.ts'
import { headerHash, type Blocks, type Known } from './blocks.ts'
import type { Accepted, Change, Version } from './change.ts'
import { StoreError } from './error.ts'
import { checkNote, expectNote, type Notes } from './notes.ts'
import { digestWith } from './state.ts'

/** A header of the group with its hash. */
export type Drafted = { readonly version: Version; readonly hash: Uint8Array }

export class Draft {
  readonly #blocks: Blocks
  readonly #notes: Notes
  readonly #known = new Map<string, Known | undefined>()
  readonly #noted = new Map<string, Uint8Array | undefined>()
  /** Of blocks that only one change of the group touches: what is stored of them. */
  readonly #stored = new Map<string, Known | undefined | 'several'>()
  readonly #hashes = new Map<Version, Uint8Array>()
  readonly #firsts = new Set<Version>()
  /** What the acceptances of this group have to name, by tree. */
  readonly accepted = new Map<Principal, Accepted[]>()
  digest: bigint

  constructor(blocks: Blocks, notes: Notes, digest: bigint) {
    this.#blocks = blocks
    this.#notes = notes
    this.digest = digest
  }

  /** The hash, 34 bytes, of a header that was added. */
  hashOf(version: Version): Uint8Array {
    return this.#hashes.get(version)!
  }

  /** What is known of a block when its change is written, each in the order of the group. */
  before({ tree, id }: { readonly tree: Principal; readonly id: BlockId }): Known | undefined {
    const stored = this.#stored.get(`${tree}/${id}`)
    return stored === 'several' ? this.#blocks.known(tree, id) : stored
  }

  /** Whether a header that was added is the first that there ever was of its block. */
  isFirst(version: Version): boolean {
    return this.#firsts.has(version)
  }

  /** @throws {StoreError} `STORE_CONFLICT`, `STORE_STALE`; the draft is then as before. */
  add(change: Change): void {
    const known = new Map<string, Known | undefined>()
    const noted = new Map<string, Uint8Array | undefined>()
    const accepted: Accepted[] = []
    let { digest } = this
    const stored = new Map<string, Known | undefined | 'several'>()
    const before = (key: string, tree: Principal, id: BlockId) => {
      const drafted = [known, this.#known].find(map => map.has(key))
      const now = drafted ? drafted.get(key) : this.#blocks.known(tree, id)
      stored.set(key, drafted ? 'several' : now)
      return now
    }
    for (const removal of change.removals ?? []) {
      const { tree, id, expected } = removal
      const key = `${tree}/${id}`
      const now = before(key, tree, id)
      expectHash(tree, id, expected, now)
      known.set(key, { ...now!, no: undefined })
    }
    for (const version of change.blocks ?? []) {
      const { tree, id, generation } = version
      const key = `${tree}/${id}`
      const now = before(key, tree, id)
      expectHash(tree, id, version.expected, now)
      if (now !== undefined && generation <= now.generation)
        throw new StoreError(
          'STORE_STALE',
          `the block ${id} of ${tree}: found generation ${generation}, ` +
            `but ${now.generation} was seen: make a newer one`,
        )
      const hash = version.hash ?? headerHash(version.header)
      this.#hashes.set(version, hash)
      if (!now) this.#firsts.add(version)
      if (now) digest = digestWith(digest, -1, { tree, id, ...now })
      digest = digestWith(digest, 1, { tree, id, generation, hash })
      // The row that it will have is not known yet: any number says that there will be one.
      known.set(key, { generation, hash, no: now?.no ?? -1 })
      accepted.push({ tree, id, generation, hash })
    }
    for (const version of change.siblings ?? []) {
      const { tree, id, generation } = version
      const hash = version.hash ?? headerHash(version.header)
      this.#hashes.set(version, hash)
      accepted.push({ tree, id, generation, hash })
    }
    for (const { tree, id, hash } of change.siblingRemovals ?? [])
      if (!this.#blocks.hasSibling(tree, id, hash))
        throw new StoreError('STORE_CONFLICT', `the block ${id} of ${tree} has no such sibling`)
    for (const note of change.notes ?? []) {
      checkNote(note)
      const key = `${note.kind}/${note.key}`
      const found = [noted, this.#noted].find(map => map.has(key))
      expectNote(note, found ? found.get(key) : this.#notes.get(note.kind, note.key))
      if (note.value !== undefined) noted.set(key, note.value ?? undefined)
    }
    for (const [key, value] of known) this.#known.set(key, value)
    for (const [key, value] of stored) this.#stored.set(key, value)
    for (const [key, value] of noted) this.#noted.set(key, value)
    for (const one of accepted) {
      const list = this.accepted.get(one.tree)
      if (list) list.push(one)
      else this.accepted.set(one.tree, [one])
    }
    this.digest = digest
  }
}

function expectHash(
  tree: Principal,
  id: BlockId,
  expected: Uint8Array | undefined,
  now: Known | undefined,
): void {
  const found = now?.no === undefined ? undefined : now.hash
  if (expected === undefined ? found === undefined : found !== undefined && equal(expected, found))
    return
  const what = found === undefined ? 'is not there' : 'was changed in the meantime'
  throw new StoreError('STORE_CONFLICT', `the block ${id} of ${tree} ${what}: read it again`)
}
