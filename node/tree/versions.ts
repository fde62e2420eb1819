/** Versions of a file that lost against others: listed, read, and chosen. */
import { openHeader, type OpenHeader } from '../block/header.ts'
import { digestOf } from '../block/hash-schema.ts'
import { openAttributes } from '../block/attributes.ts'
import type { Principal } from '../crypto/principal.ts'
import { TreeError } from './error.ts'
import { expectFile } from './open-file.ts'
import type { OpenBlock } from './open-block.ts'
import type { TreePath } from './path.ts'
import { freshen } from './fresh.ts'
import { last, shown, walk } from './walk.ts'
import { whoWrote } from './who-wrote.ts'
import type { Work } from './work.ts'

export type FileVersionInfo = {
  /** Its name: 34 bytes in hexadecimal digits. */
  readonly hash: string
  readonly generation: number
  /** Ms since 1970. */
  readonly time: number
  readonly writer: Principal
  /** Bytes. */
  readonly size: number
  readonly current: boolean
}

/** The current version first, then those kept beside it, in the order in which they came. */
export async function versions(work: Work, path: TreePath): Promise<FileVersionInfo[]> {
  const block = expectFile(last(await walk(work, path, { follow: true })), path)
  const all = [block.base!, ...siblings(work, block)]
  return all.map((opened, i) => ({
    hash: Buffer.from(opened.hash).toString('hex'),
    generation: Number(opened.header.generation),
    time: opened.header.time,
    writer: whoWrote(opened.header, work.means.trust.cache),
    size: attributesOf(block, opened).size,
    current: i === 0,
  }))
}

/**
 * Makes one of a file's versions the only one: the others are let go.
 *
 * @param hash  34 bytes in hexadecimal digits.
 * @throws {TreeError} `TREE_NO_VERSION`.
 */
export async function keep(work: Work, path: TreePath, hash: string): Promise<void> {
  const trail = await walk(work, path, { follow: true })
  const block = expectFile(last(trail), path)
  const beside = siblings(work, block)
  const chosen = findVersion(block, beside, hash, path)
  for (const opened of beside) work.letGo(block.place, opened.hash)
  if (chosen === block.base) return
  await freshen(work, trail)
  work.touch(block)
  const { size, type } = attributesOf(block, chosen)
  const { merkleRoot, sectors, sectorSize } = chosen.header
  const made = { root: digestOf(merkleRoot), count: sectors, size, pieces: [] }
  block.replace(made, sectorSize)
  block.describe({ modified: work.now, ...(type !== undefined && { type }) })
  work.tell('written', block, path)
}

/** @throws {TreeError} `TREE_NO_VERSION`. */
export function findVersion(
  block: OpenBlock,
  beside: readonly OpenHeader[],
  hash: string,
  path: TreePath,
): OpenHeader {
  const all = [block.base!, ...beside]
  const found = all.find(one => Buffer.from(one.hash).toString('hex') === hash)
  if (found) return found
  throw new TreeError('TREE_NO_VERSION', `${shown(path)} has no version ${hash}`)
}

/** The headers kept beside the current one. Throws as {@link openHeader}. */
export function siblings(work: Work, block: OpenBlock): OpenHeader[] {
  const { tree, id } = block.place
  return work.means.store.siblings(tree, id).map(({ header }) => openHeader(header))
}

export function attributesOf(block: OpenBlock, { header }: OpenHeader) {
  const { epoch, attributes } = header
  return openAttributes(block.keyOf(epoch), block.place, epoch, attributes)
}
