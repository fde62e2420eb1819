/** Names all pieces of a version of a block: what is kept for it, and what can be thrown away. */
import { isHole } from './merkle-hash.ts'
import { loadPage, type LoadPage } from './merkle-page.ts'
import { hashesIn, isImplied, PAGE_HASHES, topLevel } from './merkle-shape.ts'

/**
 * What to do with a piece: `false` for a page that was seen before, as all below it was then too.
 *
 * @param index  of a sector: in the block.
 */
export type Visit = (
  hash: Uint8Array,
  what: 'page' | 'sector',
  index: number,
) => boolean | void | Promise<boolean | void>

/**
 * Visits every page and sector that is kept below `root`, a page before what it holds; holes are not
 * kept, nor pages that follow from their name.
 *
 * @param root   32 bytes.
 * @param count  sectors.
 * @throws {BlockError} `BLOCK_MERKLE`; and what `load` or `visit` throws.
 */
export async function walkPieces(
  { root, count, load }: { root: Uint8Array; count: number; load: LoadPage },
  visit: Visit,
): Promise<void> {
  const below = async (name: Uint8Array, level: number, index: number): Promise<void> => {
    const hashes = hashesIn(level, index, count)
    const implied = isImplied(name, level, hashes)
    if (implied && hashes > 1) return
    if (!implied && (await visit(name, 'page', index)) === false) return
    const page = await loadPage(name, level, hashes, load)
    for (let i = 0; i < hashes; i++) {
      const hash = page.get(i)
      const at = index * PAGE_HASHES + i
      if (level > 0) await below(hash, level - 1, at)
      else if (!isHole(hash)) await visit(hash, 'sector', at)
    }
  }
  if (count > 0) await below(root, topLevel(count), 0)
}
