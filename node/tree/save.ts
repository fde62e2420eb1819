/**
 * New content becomes a file's: by the last writer. A version that he had not seen is kept beside it as
 * a sibling. A writer who insists on the version he knew loses instead: his own becomes the sibling.
 */
import { equal } from '../crypto/bytes.ts'
import type { OpenHeader } from '../block/header.ts'
import type { Version } from '../store/change.ts'
import { TreeError } from './error.ts'
import type { Made } from './file-version.ts'
import { OpenBlock } from './open-block.ts'
import { formatPath, type TreePath } from './path.ts'
import type { Work } from './work.ts'

/** Versions of a file that are kept beside it. */
export const SIBLINGS_MAX = 32

export type Saving = {
  readonly made: Made
  readonly sectorSize: number
  /** The version that the writer began with. */
  readonly base: OpenHeader
  /** Whether he insists on it. */
  readonly insists: boolean
  readonly lease?: number
  readonly path: TreePath
}

/**
 * Puts content that was sealed for `block` into it.
 *
 * @returns the hash of the version that lost, if the writer's did.
 * @throws {TreeError} `TREE_LEASED`; `TREE_CONFLICT` when no more versions are kept.
 */
export async function save(
  work: Work,
  block: OpenBlock,
  { made, sectorSize, base, insists, lease, path }: Saving,
): Promise<Uint8Array | undefined> {
  const current = block.base!
  const seen = insists ? equal(current.hash, base.hash) : sameContent(current, base)
  if (!seen) expectRoom(work, block, path)
  if (!seen && insists) {
    const lost = OpenBlock.kept(work.means, base)
    lost.unlock(block.keyOf(base.header.epoch))
    lost.replace(made, sectorSize)
    lost.describe({ modified: work.now })
    const sealed = await work.seal(lost)
    work.besides(sealed.version, sealed.pieces)
    return sealed.opened.hash
  }
  work.touch(block, lease)
  if (!seen) work.besides(versionOf(current), [])
  block.replace(made, sectorSize)
  block.describe({ modified: work.now })
  work.tell('written', block, path)
  return undefined
}

/** A version as the store keeps it. */
export function versionOf({ header, bytes }: OpenHeader): Version {
  const { tree, id, generation, merkleRoot, sectors } = header
  const content = { root: merkleRoot.subarray(2), count: sectors }
  return { tree, id, generation, content, header: bytes }
}

/** Whether two versions differ in keys and attributes only. */
function sameContent(a: OpenHeader, b: OpenHeader): boolean {
  return a.header.sectors === b.header.sectors && equal(a.header.merkleRoot, b.header.merkleRoot)
}

function expectRoom(work: Work, block: OpenBlock, path: TreePath): void {
  const { tree, id } = block.place
  if (work.means.store.siblings(tree, id).length < SIBLINGS_MAX) return
  throw new TreeError(
    'TREE_CONFLICT',
    `${formatPath(path)} was written by somebody else, and ${SIBLINGS_MAX} versions are kept beside it already: ` +
      'choose one of them',
  )
}
