import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyFilter } from '../../../image/qemu/attach.ts'

describe('keys typed on the console', () => {
  const CASES: [what: string, typed: string, forGuest: string, left: number][] = [
    ['what is no command goes to the guest', 'ls -l\r\x03\x04', 'ls -l\r\x03\x04', 0],
    ['Ctrl-] leaves', 'a\x1db', 'ab', 1],
    ['Ctrl-A x leaves', 'a\x01xb', 'ab', 1],
    ['Ctrl-A Ctrl-A sends one', '\x01\x01x', '\x01x', 0],
    ['Ctrl-A with another key sends both', '\x01b', '\x01b', 0],
    ['twice is twice', '\x1d\x01x', '', 2],
  ]
  for (const [what, typed, forGuest, expected] of CASES)
    it(what, () => {
      for (const size of [1, 2, typed.length]) {
        let left = 0
        let out = ''
        const filter = keyFilter(() => left++)
        const bytes = Buffer.from(typed, 'latin1')
        for (let at = 0; at < bytes.length; at += size)
          out += filter(bytes.subarray(at, at + size)).toString('latin1')
        assert.deepEqual([out, left], [forGuest, expected])
      }
    })
})
