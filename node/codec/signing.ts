/**
 * What a signature covers: never bare content, but content under the name of what it is, so that a
 * signature on one kind of thing is worth nothing on another.
 *
 * Layout: `blocktree` in ASCII (9 bytes) | 0x00 | length of the domain (1 byte) | the domain in ASCII
 * | the content, to the end. The zero byte keeps it apart from the texts that other protocols sign
 * with the same keys (libp2p's `noise-libp2p-static-key:`, TLS's 64 spaces).
 */
import { CodecError } from './error.ts'

declare const brand: unique symbol

/** Bytes that may be signed; only {@link signingInput} makes them. */
export type SigningInput = Uint8Array & { readonly [brand]: 'signing-input' }

const START = new TextEncoder().encode('blocktree\0')

/**
 * @param domain   which kind of content: 1 to 64 of `a` to `z`, `0` to `9` and `-`, as
 *   `principal-record`. Each kind has a domain of its own; they are listed in docs/formats.md.
 * @param content  any length, canonical: the same content always has the same bytes.
 * @throws {CodecError} `CODEC_DOMAIN`.
 */
export function signingInput(domain: string, content: Uint8Array): SigningInput {
  if (!/^[a-z0-9-]{1,64}$/.test(domain))
    throw new CodecError(
      'CODEC_DOMAIN',
      `found ${JSON.stringify(domain.slice(0, 64))}, expected 1 to 64 of a to z, 0 to 9 and -`,
      'domain',
    )
  const start = startOf(domain)
  // It is signed or verified at once, and may share its memory until then.
  const memory = Buffer.allocUnsafe(start.length + content.length)
  const input = new Uint8Array(memory.buffer, memory.byteOffset, memory.length)
  input.set(start)
  input.set(content, start.length)
  return input as SigningInput
}

/** What comes before the content, by domain: there are few of them. */
const starts = new Map<string, Uint8Array>()

function startOf(domain: string): Uint8Array {
  let start = starts.get(domain)
  if (!start) {
    const name = new TextEncoder().encode(domain)
    start = new Uint8Array([...START, name.length, ...name])
    starts.set(domain, start)
  }
  return start
}
