/** What phrases, passphrases and backups of root keys are refused for. */

/**
 * | code | what is wrong |
 * |---|---|
 * | `ROOT_PHRASE_LENGTH`, `ROOT_PHRASE_WORD`, `ROOT_PHRASE_CHECKSUM` | not 24 words; a word that is not in the list; words that do not fit together |
 * | `ROOT_PASSPHRASE_SHORT`, `ROOT_PASSPHRASE_WRONG` | too short to protect a backup; does not open it |
 * | `ROOT_FILE_FOREIGN` | no age file, not one with a passphrase, or none of a root key |
 * | `ROOT_FILE_VERSION`, `ROOT_FILE_DAMAGED` | of another version; changed or cut off |
 * | `ROOT_FILE_COSTLY` | asks for more work than any honest file does |
 * | `ROOT_WIPED` | a root key is used after it was zeroed |
 * | `ROOT_SUCCESSOR_OTHER` | not the key that was announced as the next one |
 */
export type RootCode =
  | 'ROOT_PHRASE_LENGTH'
  | 'ROOT_PHRASE_WORD'
  | 'ROOT_PHRASE_CHECKSUM'
  | 'ROOT_PASSPHRASE_SHORT'
  | 'ROOT_PASSPHRASE_WRONG'
  | 'ROOT_FILE_FOREIGN'
  | 'ROOT_FILE_VERSION'
  | 'ROOT_FILE_DAMAGED'
  | 'ROOT_FILE_COSTLY'
  | 'ROOT_WIPED'
  | 'ROOT_SUCCESSOR_OTHER'

/** Never holds words of a phrase, a passphrase or key material, not even wrong ones. */
export class RootError extends Error {
  readonly code: RootCode
  constructor(code: RootCode, message: string) {
    super(message)
    this.name = 'RootError'
    this.code = code
  }
}
