/** Says what a header is that lies where another one was stored. */
import { headerHash, type Wrong } from './blocks.ts'
import { StoreError } from './error.ts'

/** @param path  of the database, for messages. */
export function whatIsWrong(path: string): Wrong {
  return (tree, id, known, header) => {
    const where = `${path}: the header of block ${id} of ${tree}`
    const found = header === undefined ? 'missing' : Buffer.from(headerHash(header)).toString('hex')
    return new StoreError(
      'STORE_DAMAGED',
      `${where} is ${found}, expected ${Buffer.from(known.hash).toString('hex')}`,
    )
  }
}
