/** What headers, sectors, capabilities and the writes they allow are refused for. */

/**
 * | code | what is wrong |
 * |---|---|
 * | `BLOCK_ID` | no block id |
 * | `BLOCK_SHAPE` | a header whose fields do not fit each other |
 * | `BLOCK_EPOCH` | no key for that epoch here, or a sector of an epoch that its header does not have |
 * | `BLOCK_MERKLE` | a page or sector is not the one that the signed root names |
 * | `BLOCK_INDEX` | beyond the end of a Merkle tree |
 * | `BLOCK_OTHER`, `BLOCK_GENERATION`, `BLOCK_PREVIOUS` | a header that replaces one of another block, is not the next one, or follows another one |
 * | `BLOCK_BACKWARDS`, `BLOCK_FUTURE` | written before the header it replaces; later than now and 5 minutes |
 * | `BLOCK_DROPPED`, `BLOCK_REVOCATION` | a revocation that still counts was left out; one that belongs into another header |
 * | `BLOCK_CYCLE` | a directory was moved below itself |
 * | `PATH_BROKEN`, `PATH_LONG`, `PATH_CYCLE` | a parent is not known; more than 64 blocks; a block is its own ancestor |
 * | `CHAIN_LONG`, `CHAIN_TREE` | more than 8 links; a link of another tree |
 * | `CHAIN_ROOT`, `CHAIN_ISSUER`, `CHAIN_WRITER` | does not begin at the root key; a link that its issuer had no right to make; ends at another principal than the writer |
 * | `CHAIN_SCOPE`, `CHAIN_WIDENED` | not for this block; a link for more than the one before it |
 * | `CHAIN_EARLY`, `CHAIN_EXPIRED`, `CHAIN_REVOKED` | not valid yet, no longer, or taken back |
 * | `CHAIN_DEPTH` | handed on further than the one before it allows |
 * | `ROOTS_FIRST`, `ROOTS_ORDER`, `ROOTS_CHANGED` | not the tree's own key first; out of order; a record that was there is missing |
 * | `ACCEPTANCE_OTHER` | an acceptance of another tree, or one that does not name this header |
 * | `SESSION_DEPTH`, `SESSION_OVER` | the credentials may not hand on what they have; their own capability has ended |
 */
export type BlockCode =
  | 'BLOCK_ID'
  | 'BLOCK_SHAPE'
  | 'BLOCK_EPOCH'
  | 'BLOCK_MERKLE'
  | 'BLOCK_INDEX'
  | 'BLOCK_OTHER'
  | 'BLOCK_GENERATION'
  | 'BLOCK_PREVIOUS'
  | 'BLOCK_BACKWARDS'
  | 'BLOCK_FUTURE'
  | 'BLOCK_DROPPED'
  | 'BLOCK_REVOCATION'
  | 'BLOCK_CYCLE'
  | 'PATH_BROKEN'
  | 'PATH_LONG'
  | 'PATH_CYCLE'
  | 'CHAIN_LONG'
  | 'CHAIN_TREE'
  | 'CHAIN_ROOT'
  | 'CHAIN_ISSUER'
  | 'CHAIN_WRITER'
  | 'CHAIN_SCOPE'
  | 'CHAIN_WIDENED'
  | 'CHAIN_EARLY'
  | 'CHAIN_EXPIRED'
  | 'CHAIN_REVOKED'
  | 'CHAIN_DEPTH'
  | 'ROOTS_FIRST'
  | 'ROOTS_ORDER'
  | 'ROOTS_CHANGED'
  | 'ACCEPTANCE_OTHER'
  | 'SESSION_DEPTH'
  | 'SESSION_OVER'

/** Never holds keys or plain text. */
export class BlockError extends Error {
  readonly code: BlockCode
  constructor(code: BlockCode, message: string) {
    super(message)
    this.name = 'BlockError'
    this.code = code
  }
}
