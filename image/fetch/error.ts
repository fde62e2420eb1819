/** What can go wrong while bytes from elsewhere are fetched and checked. */
export class FetchError extends Error {
  readonly code:
    'FETCH_GONE' | 'FETCH_UNREACHABLE' | 'FETCH_NOT_AUTHENTIC' | 'FETCH_NOT_PINNED' | 'FETCH_DISK'
  constructor(code: FetchError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'FetchError'
    this.code = code
  }
}
