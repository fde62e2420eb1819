/** Why a node directory can't be made, opened or changed. */

/**
 * | code | what is wrong |
 * |---|---|
 * | `DIR_MISSING`, `DIR_EXISTS` | no node directory where one is expected, or the reverse |
 * | `DIR_FOREIGN` | a folder that holds something else |
 * | `DIR_EXPOSED` | others than the owner may look into the folder |
 * | `DIR_CONFIG`, `DIR_VERSION` | a configuration that does not fit; one of a newer program |
 * | `DIR_ROOT_MISSING`, `DIR_ROOT_EXISTS` | no root key in the directory; one that would be replaced |
 */
export type DirCode =
  | 'DIR_MISSING'
  | 'DIR_EXISTS'
  | 'DIR_FOREIGN'
  | 'DIR_EXPOSED'
  | 'DIR_CONFIG'
  | 'DIR_VERSION'
  | 'DIR_ROOT_MISSING'
  | 'DIR_ROOT_EXISTS'

export class DirError extends Error {
  readonly code: DirCode
  constructor(code: DirCode, message: string) {
    super(message)
    this.name = 'DirError'
    this.code = code
  }
}
