/** All rules at once: whether a node takes a header. */
import { expectAccepted, openAcceptance, type Acceptance } from './acceptance.ts'
import type { Authority } from './chain.ts'
import type { OpenHeader } from './header.ts'
import { expectSameRoots, openRoots } from './roots.ts'
import {
  checkAuthority,
  checkCarried,
  checkSuccessor,
  checkTimes,
  type Whereabouts,
} from './rules.ts'

/** What is to be taken, and where it goes. */
export type Receipt = Whereabouts & {
  /** The header here that it replaces; undefined for a new block. */
  readonly previous: OpenHeader | undefined
  readonly next: OpenHeader
}

/**
 * Returns when `next` may replace `previous`. That its sectors are there, and are those that its
 * Merkle root names, is for the one who has them.
 *
 * @param authority  `at` is now; for a root block, `roots` are those of the header here.
 * @throws {BlockError}, {CodecError}, {CryptoError}, {RootError} as each of the rules.
 */
export function checkReceipt(receipt: Receipt, authority: Authority): void {
  const { previous, next } = receipt
  checkSuccessor(previous, next)
  checkTimes(previous, next, authority.at)
  const current = withRoots(receipt, authority)
  checkAuthority(previous, next, receipt, current)
  checkCarried(previous, next, current)
}

/**
 * Returns when `next` may replace `previous` as it was accepted before, by another of the owner's
 * nodes: every right is looked at as of then.
 *
 * @param authority  without `at`.
 * @returns the acceptance. Throws as {@link checkReceipt} and {@link openAcceptance}.
 */
export function checkAccepted(
  receipt: Receipt,
  signed: Uint8Array,
  authority: Omit<Authority, 'at'>,
): Acceptance {
  const current = withRoots(receipt, authority)
  const acceptance = openAcceptance(receipt.next.header.tree, signed, current)
  expectAccepted(acceptance, receipt.next)
  const { at } = acceptance
  checkReceipt(receipt, { ...current, at, revocations: current.revocations.until(at) })
  return acceptance
}

/** A new root block brings its own records, which go on where those here end. */
function withRoots<A extends Omit<Authority, 'at'>>({ previous, next }: Receipt, authority: A): A {
  const { tree, roots } = next.header
  if (!roots) return authority
  expectSameRoots(previous?.header.roots ?? [], roots)
  return { ...authority, roots: openRoots(tree, roots, authority.cache) }
}
