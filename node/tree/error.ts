/** What operations on a tree are refused for. */

/**
 * | code | what is wrong |
 * |---|---|
 * | `TREE_PATH`, `TREE_NAME` | no path, or no name a file may have |
 * | `TREE_NOT_FOUND`, `TREE_EXISTS` | nothing at the path; something is there already |
 * | `TREE_NOT_DIRECTORY`, `TREE_NOT_FILE`, `TREE_NOT_SYMLINK` | another kind of block than the operation is for |
 * | `TREE_NOT_EMPTY`, `TREE_FULL` | a directory with entries; one whose buckets take no more of such names |
 * | `TREE_LOOP` | more symlinks, or directories, than are followed |
 * | `TREE_INTO_ITSELF` | a directory moved below itself |
 * | `TREE_LINKS` | a hard link to what is no file, to another tree, or one too many |
 * | `TREE_NO_KEY`, `TREE_NO_AUTHORITY` | no key to read with; no capability to write with |
 * | `TREE_CONFLICT` | somebody else wrote since the version the writer knew |
 * | `TREE_LEASED` | another has the lease, or the token is an old one |
 * | `TREE_DAMAGED` | what is stored contradicts itself; fsck says more |
 * | `TREE_NO_VERSION`, `TREE_NO_REQUEST` | no such version of a file; no such request for access |
 * | `TREE_RANGE` | an offset, size or time out of bounds |
 * | `TREE_CLOSED` | a file or tree is used after it was closed |
 */
export type TreeCode =
  | 'TREE_PATH'
  | 'TREE_NAME'
  | 'TREE_NOT_FOUND'
  | 'TREE_EXISTS'
  | 'TREE_NOT_DIRECTORY'
  | 'TREE_NOT_FILE'
  | 'TREE_NOT_SYMLINK'
  | 'TREE_NOT_EMPTY'
  | 'TREE_FULL'
  | 'TREE_LOOP'
  | 'TREE_INTO_ITSELF'
  | 'TREE_LINKS'
  | 'TREE_NO_KEY'
  | 'TREE_NO_AUTHORITY'
  | 'TREE_CONFLICT'
  | 'TREE_LEASED'
  | 'TREE_DAMAGED'
  | 'TREE_NO_VERSION'
  | 'TREE_NO_REQUEST'
  | 'TREE_RANGE'
  | 'TREE_CLOSED'

/** Names paths as the caller gave them, never contents or keys. */
export class TreeError extends Error {
  readonly code: TreeCode
  constructor(code: TreeCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'TreeError'
    this.code = code
  }
}
