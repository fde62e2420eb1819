/** What can go wrong between a recipe's package names and the files of those packages. */
export class DebianError extends Error {
  readonly code:
    | 'DEBIAN_NO_MIRROR'
    | 'DEBIAN_NO_KEYRING'
    | 'DEBIAN_BAD_SIGNATURE'
    | 'DEBIAN_UNREACHABLE'
    | 'DEBIAN_BUSY'
    | 'DEBIAN_UNRESOLVED'
    | 'DEBIAN_SHARED_PACKAGE'
    | 'DEBIAN_BAD_LOCK'
  constructor(code: DebianError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'DebianError'
    this.code = code
  }
}
