/** Says what a header is that lies where another one was stored. */
import { openHeader } from '../block/header.ts'
import { equal } from '../crypto/bytes.ts'
import { headerHash, type Wrong } from './blocks.ts'
import { StoreError } from './error.ts'

/** @param path  of the database, for messages. */
export function whatIsWrong(path: string): Wrong {
  return (tree, id, known, bytes) => {
    const where = `${path}: in the place of block ${id} of ${tree}, generation ${known.generation}, `
    const advice = 'fetch the block from another node, or restore a backup'
    if (bytes === undefined) return new StoreError('STORE_DAMAGED', `${where}is nothing: ${advice}`)
    if (equal(headerHash(bytes), known.hash))
      return new StoreError('STORE_DAMAGED', `${where}is no acceptance of its header: ${advice}`)
    const found = headerOf(bytes)
    if (found === undefined) {
      const hash = Buffer.from(headerHash(bytes)).toString('hex')
      return new StoreError('STORE_DAMAGED', `${where}are other bytes, ${hash}: ${advice}`)
    }
    if (found.tree !== tree) {
      const message = `${where}is a header of the tree ${found.tree}: ${advice}`
      return new StoreError('STORE_FOREIGN', message)
    }
    if (found.id !== id)
      return new StoreError('STORE_SWAPPED', `${where}is that of block ${found.id}: ${advice}`)
    const message = `${where}is another version, generation ${found.generation}: ${advice}`
    return new StoreError('STORE_REPLAYED', message)
  }
}

/** The header, when it is a whole one. */
function headerOf(bytes: Uint8Array) {
  try {
    return openHeader(bytes).header
  } catch {
    return undefined
  }
}
