/** Asserts that a search found nothing, and shows what it found one a line. */
import assert from 'node:assert/strict'

export function none(found: readonly unknown[], what: string): void {
  const lines = found.map(one => (typeof one === 'string' ? one : JSON.stringify(one)))
  assert.ok(found.length === 0, `${found.length} ${what}:\n${lines.join('\n')}`)
}
