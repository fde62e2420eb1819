/** Whether who wrote a stored header had the right to, on the way there that its headers name. */
import type { NodeDirectory } from '../dir/open.ts'
import { parentOf } from '../block/header.ts'
import { pathTo } from '../block/path.ts'
import type { CheckedVersion } from '../store/check-headers.ts'
import { Trust } from '../tree/trust.ts'

/**
 * Why a version counts for nothing, as its error; undefined when all is well. Signatures and hashes are
 * the store's to check.
 */
export function chainCheck({ store, clock }: Pick<NodeDirectory, 'store' | 'clock'>) {
  const trust = new Trust(clock)
  return ({ tree, id, stored, open }: CheckedVersion): Error | undefined => {
    try {
      const headerOf = (at: typeof id) => {
        if (at === id) return open
        const above = store.block(tree, at)
        return above && trust.open(tree, at, above)
      }
      const ids = pathTo(tree, id, at => {
        const opened = headerOf(at)
        return opened && parentOf(opened.header)
      })
      trust.expectOnPath(
        ids.map(at => headerOf(at)!),
        () => stored.acceptance,
      )
      return undefined
    } catch (error) {
      return error as Error
    }
  }
}
