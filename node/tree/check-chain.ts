/** Whether who wrote a stored version had the right to, on the way there that headers name. */
import { parentOf, type OpenHeader } from '../block/header.ts'
import { rootBlockId, type BlockId } from '../block/id.ts'
import { pathTo } from '../block/path.ts'
import type { CheckedVersion } from '../store/check-headers.ts'
import type { Means } from './means.ts'

/**
 * Why a version counts for nothing; undefined when all is well, and when that can't be told because
 * not all of the way is kept here. For versions that no walk down the tree comes to.
 */
export function chainFault(
  { store, trust }: Pick<Means, 'store' | 'trust'>,
  { tree, id, stored, open }: CheckedVersion,
): Error | undefined {
  const headerOf = (at: BlockId): OpenHeader | undefined => {
    if (at === id) return open
    const above = store.block(tree, at)
    return above && trust.open(tree, at, above)
  }
  try {
    const way: OpenHeader[] = []
    const ids = pathTo(tree, id, at => {
      const opened = headerOf(at)
      if (opened) way.push(opened)
      return opened && parentOf(opened.header)
    })
    const root = headerOf(rootBlockId(tree))
    if (root && way.at(-1) !== root) way.push(root)
    if (way.length === ids.length) trust.expectOnPath(way.reverse(), () => stored.acceptance)
    return undefined
  } catch (error) {
    const { code } = error as Error & { code?: string }
    // What is wrong above is said there.
    if (code === 'PATH_BROKEN' || code?.startsWith('STORE_')) return undefined
    return error as Error
  }
}
