/** Why bytes or values are refused, and where in them. */

/**
 * | code | what is wrong |
 * |---|---|
 * | `CODEC_TOO_LARGE` | more bytes than the format allows |
 * | `CODEC_TOO_DEEP`, `CODEC_TOO_MANY` | nested deeper, or more items, than the format allows |
 * | `CODEC_TRUNCATED`, `CODEC_TRAILING` | ends in the middle of a value; goes on behind it |
 * | `CODEC_NOT_MINIMAL`, `CODEC_INDEFINITE`, `CODEC_RESERVED` | a number or length in a longer form than needed, without a length, or in a form CBOR has no meaning for |
 * | `CODEC_KEY_TYPE`, `CODEC_KEY_ORDER`, `CODEC_KEY_TWICE` | a key that is no text, stands too late, or twice |
 * | `CODEC_TAG`, `CODEC_FLOAT`, `CODEC_SIMPLE`, `CODEC_UTF8` | kinds of values no format has; text that is not UTF-8 or begins with a byte order mark |
 * | `CODEC_MISSING`, `CODEC_UNKNOWN`, `CODEC_TYPE` | a field is not there, has no meaning, is of another type |
 * | `CODEC_LENGTH`, `CODEC_RANGE`, `CODEC_VALUE`, `CODEC_VARIANT` | too short or long; too small or large; not a value it may have; a kind that is not known |
 * | `CODEC_DOMAIN` | not the name of a signing domain |
 */
export type CodecCode =
  | 'CODEC_TOO_LARGE'
  | 'CODEC_TOO_DEEP'
  | 'CODEC_TOO_MANY'
  | 'CODEC_TRUNCATED'
  | 'CODEC_TRAILING'
  | 'CODEC_NOT_MINIMAL'
  | 'CODEC_INDEFINITE'
  | 'CODEC_RESERVED'
  | 'CODEC_KEY_TYPE'
  | 'CODEC_KEY_ORDER'
  | 'CODEC_KEY_TWICE'
  | 'CODEC_TAG'
  | 'CODEC_FLOAT'
  | 'CODEC_SIMPLE'
  | 'CODEC_UTF8'
  | 'CODEC_MISSING'
  | 'CODEC_UNKNOWN'
  | 'CODEC_TYPE'
  | 'CODEC_LENGTH'
  | 'CODEC_RANGE'
  | 'CODEC_VALUE'
  | 'CODEC_VARIANT'
  | 'CODEC_DOMAIN'

export class CodecError extends Error {
  readonly code: CodecCode
  /** Which field, like `header.readcaps[3].key`. */
  readonly path: string
  constructor(code: CodecCode, detail: string, path: string) {
    super(`${path}: ${detail}`)
    this.name = 'CodecError'
    this.code = code
    this.path = path
  }
}

/**
 * Thrown inside this room, and by nobody else; `format.ts` turns it into a
 * {@link CodecError}. It takes no stack trace, so that a flood of bad input costs little, and its
 * path grows at the front as it leaves lists and objects.
 */
export class Refusal {
  readonly code: CodecCode
  readonly detail: string
  path = ''
  constructor(code: CodecCode, detail: string) {
    this.code = code
    this.detail = detail
  }
}

/** What a value inside `step` (`.key` or `[3]`) was refused for; other errors pass unchanged. */
export function inside(step: string, error: unknown): unknown {
  if (error instanceof Refusal) error.path = step + error.path
  return error
}
