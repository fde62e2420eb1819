/** Finds secrets in texts, in whatever way they are written. */
import assert from 'node:assert/strict'
import { inspect } from 'node:util'

/** Every way in which bytes get into a log. */
function spellings(secret: Uint8Array): string[] {
  const buffer = Buffer.from(secret)
  const list = [...secret]
  return [
    buffer.toString('hex'),
    buffer.toString('base64').replaceAll('=', ''),
    buffer.toString('base64url'),
    list.join(','),
    list.join(', '),
    JSON.stringify(list).slice(1, -1),
    [...buffer].map(byte => byte.toString(16).padStart(2, '0')).join(' '),
    inspect(secret).replaceAll(/^[^[]*\[\s*|\s*\]$/g, ''),
  ]
}

export function expectNoSecret(text: string, secret: Uint8Array): void {
  for (const spelling of spellings(secret))
    assert.ok(!text.includes(spelling), `a secret is in ${JSON.stringify(text.slice(0, 200))}`)
}
