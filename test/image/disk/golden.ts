/**
 * Golden files under `test/golden/`: bytes that must never change, as hex a person can compare, with
 * rows of zeros left out. A golden is only written when it is missing and `GOLDEN=write` is set.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../../golden')

/** Sixteen bytes a line, `offset: hex`, and the length at the end. */
export function hexRows(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16)
    if (row.some(byte => byte !== 0))
      text += `${at.toString(16).padStart(8, '0')}: ${row.toString('hex')}\n`
  }
  return `${text}length ${bytes.length}\n`
}

/** Compares text with a golden file, naming the first line that differs. */
export function assertGolden(name: string, text: string): void {
  const file = join(FOLDER, name)
  if (process.env['GOLDEN'] === 'write' && !existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  assert.equal(text, readFileSync(file, 'utf8'), `differs from test/golden/${name}`)
}
