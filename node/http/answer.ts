/** What is said to a request, before it is bytes. */

/** What of a request decides about the answer. */
export type Asked = {
  readonly method: string
  /** As it came: `/path?query`, or an absolute address (RFC 9112, 3.2). */
  readonly target: string
  /** Names in lower case; of several values the first, or all with commas, as Node joins them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** Answers any request; it may take its time, and what it throws becomes a 500. */
export type App = (asked: Asked) => Answer | Promise<Answer>

/** The page needs nothing but its own files, so nothing else is allowed. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

/** Headers of every answer, whatever it is. */
export const PROTECTIONS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

/** A value as JSON, never kept by a cache. */
export function json(value: unknown): Answer {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
  return { status: 200, headers, body: JSON.stringify(value) }
}

/** A no, with its reason as one sentence. */
export function refuse(
  status: number,
  reason: string,
  more: Readonly<Record<string, string>> = {},
): Answer {
  const type = 'text/plain; charset=utf-8'
  const headers = { 'Content-Type': type, 'Cache-Control': 'no-store', ...more }
  return { status, headers, body: `${reason}\n` }
}
