import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lineCutter } from '../../../image/qemu/lines.ts'

function cut(text: string, chunk: number, max = 100) {
  const lines: string[] = []
  let tooLong = 0
  const feed = lineCutter(
    max,
    line => lines.push(line.toString()),
    () => tooLong++,
  )
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += chunk) feed(bytes.subarray(at, at + chunk))
  return { lines, tooLong }
}

describe('the line cutter', () => {
  const TEXT = 'one\r\n\n\r\ntwo\nü€\nthree is not ended'

  it('gives the same lines however the bytes are cut', () => {
    for (let chunk = 1; chunk <= TEXT.length + 5; chunk++)
      assert.deepEqual(cut(TEXT, chunk), { lines: ['one', 'two', 'ü€'], tooLong: 0 })
  })

  it('takes a line of the limit and stops for good at one byte more', () => {
    for (const chunk of [1, 3, 1000]) {
      assert.deepEqual(cut('12345\nok\n', chunk, 5), { lines: ['12345', 'ok'], tooLong: 0 })
      assert.deepEqual(cut('a\n123456\nb\n', chunk, 5), { lines: ['a'], tooLong: 1 })
    }
  })

  it('stops at a line that never ends', () => {
    assert.deepEqual(cut('x'.repeat(5000), 7, 64), { lines: [], tooLong: 1 })
  })
})
