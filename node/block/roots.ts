/** Which key owns a tree, told by the root records in its root block. */
import { equal } from '../crypto/bytes.ts'
import type { Principal } from '../crypto/principal.ts'
import type { PublicKey } from '../crypto/public-key.ts'
import { expectSuccessor } from '../crypto/root-key.ts'
import type { CapabilityCache } from './capability-cache.ts'
import { BlockError } from './error.ts'
import { whoSigns } from './known.ts'
import type { RootRecord } from './root-record.ts'

/**
 * The records of a root block, checked: the first is of the key that the tree is named by, each other
 * of the key that the one before it announced.
 *
 * @param signed  `roots` of the header, one at least.
 * @throws {CodecError}, {CryptoError} one is none.
 * @throws {BlockError} `ROOTS_FIRST`, `ROOTS_ORDER`.
 * @throws {RootError} `ROOT_SUCCESSOR_OTHER`.
 */
export function openRoots(
  tree: Principal,
  signed: readonly Uint8Array[],
  cache: CapabilityCache,
): readonly RootRecord[] {
  const records = signed.map(one => cache.roots.open(one).value)
  records.forEach((record, i) => {
    const before = records[i - 1]
    if (!before) {
      if (whoSigns(record.key) === tree && record.tree === tree) return
      throw new BlockError(
        'ROOTS_FIRST',
        `the first root record is not of ${tree}, the tree’s owner`,
      )
    }
    const next = record.generation === before.generation + 1 && record.at >= before.at
    if (record.tree !== tree || !next)
      throw new BlockError(
        'ROOTS_ORDER',
        `root record ${i} is of generation ${record.generation} and ${record.at}, ` +
          `expected ${before.generation + 1}, of this tree, and not before ${before.at}`,
      )
    expectSuccessor(before.successor, record.key)
  })
  return records
}

/**
 * Records are added, never changed nor taken away.
 *
 * @throws {BlockError} `ROOTS_CHANGED`.
 */
export function expectSameRoots(before: readonly Uint8Array[], after: readonly Uint8Array[]): void {
  const same = before.every((record, i) => after[i] !== undefined && equal(record, after[i]))
  if (!same) throw new BlockError('ROOTS_CHANGED', 'a root record that was there is missing')
}

/** The key that owns the tree at `at`, ms since 1970. */
export function rootKeyAt(roots: readonly RootRecord[], at: number): PublicKey<'sign'> {
  return (roots.findLast((record, i) => i === 0 || record.at <= at) ?? roots[0]!).key
}
