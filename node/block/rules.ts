/**
 * The rules that must hold whenever a header is taken, each alone; `receipt.ts` puts them together.
 *
 * 1. Nobody captures a block by moving it: {@link checkSuccessor}, {@link checkAuthority}.
 * 2. Readers trust the path they took: {@link checkOnPath}.
 * 3. Nothing is back-dated: {@link checkTimes}; and `at` of an {@link Authority} is when the header
 *    was first received, never the time that the header itself claims.
 * 4. Revocations are readable by whoever verifies: {@link checkCarried}.
 * 5. Each sector names its key's epoch: {@link checkSectorEpoch}.
 * 6. What leaks is written down: docs/threats.md.
 */
import { equal } from '../crypto/bytes.ts'
import { checkChain, type Authority } from './chain.ts'
import { BlockError } from './error.ts'
import { parentOf, type OpenHeader } from './header.ts'
import type { Header } from './header-schema.ts'
import type { BlockId } from './id.ts'
import { whoSigns } from './known.ts'
import { mapKey } from './recent.ts'
import { sectorEpoch } from './sector.ts'
import type { Writecap } from './writecap.ts'

/** How far a writer's clock may be ahead, ms. */
export const AHEAD_MAX = 5 * 60_000

/**
 * Rule 1, the form: `next` is the header that follows `previous`, or the first of its block.
 *
 * @throws {BlockError} `BLOCK_OTHER`, `BLOCK_GENERATION`, `BLOCK_PREVIOUS`, `BLOCK_EPOCH`.
 */
export function checkSuccessor(previous: OpenHeader | undefined, next: OpenHeader): void {
  const { tree, id, kind, generation, epoch } = next.header
  const before = previous?.header
  if (before && (before.tree !== tree || before.id !== id || before.kind !== kind))
    throw new BlockError(
      'BLOCK_OTHER',
      `found the ${kind} ${id} of ${tree}, expected the ${before.kind} ${before.id} of ${before.tree}`,
    )
  const expected = (before?.generation ?? 0n) + 1n
  if (generation !== expected)
    throw new BlockError(
      'BLOCK_GENERATION',
      `found generation ${generation} of block ${id}, expected ${expected}`,
    )
  if (previous && !equal(next.header.previous!, previous.hash))
    throw new BlockError('BLOCK_PREVIOUS', `the header of ${id} follows another than the one here`)
  if (before && epoch < before.epoch)
    throw new BlockError(
      'BLOCK_EPOCH',
      `found epoch ${epoch} of block ${id}, expected ${before.epoch} or later`,
    )
}

/** Where a block is. */
export type Whereabouts = {
  /** Of its parent as the headers here have it, the root block first; of the root block: none. */
  readonly parentPath: readonly BlockId[]
  /** When it moves: of its parent to be. */
  readonly newParentPath?: readonly BlockId[]
}

/**
 * Rule 1, the right: over the block as it stood, and, when it moves, over the new parent as well. To
 * make a block takes the right over its parent.
 *
 * @throws {BlockError} `BLOCK_CYCLE`, and as {@link checkChain}.
 */
export function checkAuthority(
  previous: OpenHeader | undefined,
  next: OpenHeader,
  { parentPath, newParentPath }: Whereabouts,
  authority: Authority,
): readonly Writecap[] {
  const { id } = next.header
  const [from, to] = [previous && parentOf(previous.header), parentOf(next.header)]
  const moves = previous !== undefined && from !== to
  expectEnd(id, parentPath, moves ? from : to)
  const isNew = previous === undefined && parentPath.length > 0
  const links = checkOnPath(next, isNew ? parentPath : [...parentPath, id], authority)
  if (!moves) return links
  expectEnd(id, newParentPath ?? [], to)
  if (newParentPath!.includes(id))
    throw new BlockError('BLOCK_CYCLE', `block ${id} cannot be moved below itself`)
  return checkOnPath(next, newParentPath!, authority)
}

/**
 * Rule 2: the writer's right lies on `path`, the one that the reader took, the block last. What the
 * header says of its parents is not looked at.
 *
 * @throws {BlockError} as {@link checkChain}.
 */
export function checkOnPath(
  { header }: OpenHeader,
  path: readonly BlockId[],
  authority: Authority,
): readonly Writecap[] {
  const { tree, writer, chain } = header
  return checkChain({ tree, chain, path, writer: whoSigns(writer) }, authority)
}

/**
 * Rule 3.
 *
 * @param now  when the header was first received, ms since 1970.
 * @throws {BlockError} `BLOCK_BACKWARDS`, `BLOCK_FUTURE`.
 */
export function checkTimes(previous: OpenHeader | undefined, next: OpenHeader, now: number): void {
  const { id, time } = next.header
  const before = previous?.header.time ?? 0
  if (time < before)
    throw new BlockError(
      'BLOCK_BACKWARDS',
      `the header of ${id} is of ${time}, the one it replaces of ${before}`,
    )
  if (time > now + AHEAD_MAX)
    throw new BlockError(
      'BLOCK_FUTURE',
      `the header of ${id} is of ${time}, now is ${now}: is a clock wrong?`,
    )
}

/**
 * Rule 4: all revocations of `previous` are in `next`, but those that have expired when it is written,
 * and, when the owner's key itself writes, those that are not the owner's: so nobody can fill the list
 * for good.
 *
 * @throws {CodecError}, {CryptoError} one in `next` is none.
 * @throws {BlockError} `BLOCK_DROPPED`; `BLOCK_REVOCATION` one in `next` is for elsewhere.
 */
export function checkCarried(
  previous: OpenHeader | undefined,
  next: OpenHeader,
  { roots, cache }: Authority,
): void {
  const { tree, id, time, chain, revocations } = next.header
  const carried = new Set(revocations.map(mapKey))
  for (const signed of revocations) {
    const { value } = cache.revocations.open(signed)
    if (value.scope !== id || value.tree !== tree)
      throw new BlockError(
        'BLOCK_REVOCATION',
        `the header of ${id} holds a revocation for block ${value.scope}`,
      )
  }
  for (const signed of previous?.header.revocations ?? []) {
    if (carried.has(mapKey(signed))) continue
    const { expires, by } = cache.revocations.open(signed).value
    const owners = roots.some(({ key }) => key.equals(by))
    if (expires <= time || (chain.length === 0 && !owners)) continue
    throw new BlockError(
      'BLOCK_DROPPED',
      `the header of ${id} leaves out a revocation that counts until ${expires}`,
    )
  }
}

/**
 * Rule 5: the epoch that `sector` names is the header's or one that its history has the key of.
 *
 * @returns the epoch.
 * @throws {BlockError} `BLOCK_EPOCH`.
 * @throws {CryptoError} `SEALED_MALFORMED`.
 */
export function checkSectorEpoch(header: Header, sector: Uint8Array): number {
  const epoch = sectorEpoch(sector)
  if (epoch === header.epoch || header.history.some(one => one.epoch === epoch)) return epoch
  throw new BlockError(
    'BLOCK_EPOCH',
    `a sector of block ${header.id} is of epoch ${epoch}, there is no such key`,
  )
}

function expectEnd(id: BlockId, path: readonly BlockId[], parent: BlockId | undefined): void {
  if (path.at(-1) === parent) return
  throw new BlockError('PATH_BROKEN', `the path to block ${id} does not lead to its parent`)
}
