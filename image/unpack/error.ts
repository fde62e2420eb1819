/** An archive that is not unpacked, and why; the message names the archive and the member. */
export class UnpackError extends Error {
  readonly code:
    | 'UNPACK_BAD_ARCHIVE'
    | 'UNPACK_BAD_MEMBER'
    | 'UNPACK_ESCAPES'
    | 'UNPACK_CONFLICT'
    | 'UNPACK_UNKNOWN_KIND'
    | 'UNPACK_NO_ARCHIVE'
  constructor(code: UnpackError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'UnpackError'
    this.code = code
  }
}
