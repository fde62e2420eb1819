/** Any version of a file that is kept, open for reading: so that a person sees what he chooses from. */
import { digestOf } from '../block/hash-schema.ts'
import { FileVersion } from './file-version.ts'
import type { Means } from './means.ts'
import { expectFile } from './open-file.ts'
import type { TreePath } from './path.ts'
import { attributesOf, findVersion, siblings } from './versions.ts'
import { last, walk } from './walk.ts'
import { Work } from './work.ts'

export type OpenVersion = {
  /** Bytes. */
  readonly size: number
  readonly generation: number
  /** Up to `length` bytes from `offset` on; fewer at the end. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** To be called when it is not read any more. */
  discard(): void
}

/**
 * @param hash  34 bytes in hexadecimal digits.
 * @throws {TreeError} `TREE_NO_VERSION`, and as reading the file does.
 */
export async function openVersion(
  means: Means,
  path: TreePath,
  hash: string,
): Promise<OpenVersion> {
  const { store, random } = means
  const work = new Work(means)
  try {
    const block = expectFile(last(await walk(work, path, { follow: true })), path)
    const found = findVersion(block, siblings(work, block), hash, path)
    const { merkleRoot, sectors, sectorSize, generation, epoch } = found.header
    const { size } = attributesOf(block, found)
    const content = { root: digestOf(merkleRoot), count: sectors }
    const unpin = store.pin(content)
    const version = new FileVersion({
      store,
      random,
      place: block.place,
      sectorSize,
      ...content,
      size,
      epoch,
      keyOf: one => block.keyOf(one),
    })
    return {
      size,
      generation: Number(generation),
      read: (offset, length) => version.read(offset, length),
      discard() {
        version.release()
        unpin()
        work.release()
      },
    }
  } catch (error) {
    work.release()
    throw error
  }
}
