/** Why the store can't keep or give what it is asked for. */

/**
 * | code | what is wrong |
 * |---|---|
 * | `STORE_HELD` | another process, or this one, has the folder open; the message says which |
 * | `STORE_VERSION` | written by a newer program, or not a store at all |
 * | `STORE_CLOSED` | used after `close` |
 * | `STORE_CONFLICT` | what a change expects is not what is there: nothing of the change was done |
 * | `STORE_STALE` | a header whose generation is not above the highest that was seen of its block |
 * | `STORE_PIECE_MISSING` | no sector or page of that hash is kept here |
 * | `STORE_FULL` | the quota or the disk has no room; what was there is as it was |
 * | `STORE_IO` | the disk can't be read or written, for another reason than room |
 * | `STORE_DAMAGED` | bytes are not those that were written |
 * | `STORE_SWAPPED`, `STORE_FOREIGN` | a header in the place of another block's; one of another tree |
 * | `STORE_REPLAYED` | an older header in the place of the newest that was seen |
 * | `STORE_ROLLED_BACK` | the whole database is older than what was seen of it |
 */
export type StoreCode =
  | 'STORE_HELD'
  | 'STORE_VERSION'
  | 'STORE_CLOSED'
  | 'STORE_CONFLICT'
  | 'STORE_STALE'
  | 'STORE_PIECE_MISSING'
  | 'STORE_FULL'
  | 'STORE_IO'
  | 'STORE_DAMAGED'
  | 'STORE_SWAPPED'
  | 'STORE_FOREIGN'
  | 'STORE_REPLAYED'
  | 'STORE_ROLLED_BACK'

export class StoreError extends Error {
  readonly code: StoreCode
  constructor(code: StoreCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}
