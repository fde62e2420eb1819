import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/cmdline.ts'
import { steps, type Steps } from './call.ts'

const HASH = 'ab'.repeat(32)

describe('cmdline', () => {
  let s: Steps
  beforeEach(() => {
    s = steps()
    writeFileSync(s.at('root'), Buffer.alloc(3 * 4096))
    writeFileSync(s.at('hash'), `${HASH}\n`)
  })
  afterEach(() => s.end())

  it('writes what the initrd needs to open the root, then the words, without a line end', async () => {
    await s.call(verb, 'out root hash 00ff console=ttyS0 quiet')
    assert.equal(readFileSync(s.at('out'), 'utf8'), `bt.verity=${HASH}:00ff:3 console=ttyS0 quiet`)
  })

  const REFUSED: [string, () => void, RegExp][] = [
    [
      'out root hash',
      () => {},
      /found 3 arguments, expected: cmdline OUT DATA ROOTHASH SALT WORD…/,
    ],
    [
      'out root hash 00',
      () => writeFileSync(s.at('hash'), 'abc'),
      /hash holds abc, expected 64 hex digits/,
    ],
    [
      'out root hash 00',
      () => writeFileSync(s.at('root'), 'short'),
      /root is 5 bytes, expected whole blocks of 4096/,
    ],
    ['out root hash 00', () => writeFileSync(s.at('root'), ''), /root is 0 bytes/],
    ['out root hash xyz', () => {}, /the salt is xyz, expected hex digits/],
    ['out none hash 00', () => {}, /ENOENT.*none/],
  ]
  for (const [line, prepare, message] of REFUSED)
    it(`refuses ${line}: ${message.source}`, async () => {
      prepare()
      await assert.rejects(async () => s.call(verb, line), message)
    })
})
