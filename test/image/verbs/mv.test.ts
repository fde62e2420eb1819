import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/mv.ts'
import { steps, type Steps } from './call.ts'

describe('mv', () => {
  let s: Steps
  beforeEach(() => {
    s = steps()
    mkdirSync(s.at('folder'))
    writeFileSync(s.at('folder/x'), 'x')
    writeFileSync(s.at('file'), 'f')
    symlinkSync('nowhere', s.at('broken'))
    symlinkSync('/', s.at('away'))
  })
  afterEach(() => s.end())

  it('moves a file, making the folders above its new place', async () => {
    await s.call(verb, 'file out/usr/y')
    assert.equal(readFileSync(s.at('out/usr/y'), 'utf8'), 'f')
    assert.equal(existsSync(s.at('file')), false)
  })

  it('moves folders and links as they are', async () => {
    await s.call(verb, 'folder out')
    assert.equal(readFileSync(s.at('out/x'), 'utf8'), 'x')
    await s.call(verb, 'broken out/link')
    assert.equal(readlinkSync(s.at('out/link')), 'nowhere')
  })

  const REFUSED: [string, RegExp][] = [
    ['', /found 0 arguments, expected: mv FROM TO/],
    ['file', /found 1 arguments/],
    ['file folder out', /found 3 arguments/],
    ['none out', /none does not exist/],
    ['file folder', /folder exists already: remove it first/],
    ['file broken', /broken exists already/],
    ['file away/tmp/x', /a link on the way leads out/],
    ['away/etc/hostname out', /a link on the way leads out/],
  ]
  for (const [line, message] of REFUSED)
    it(`refuses ${JSON.stringify(line)}`, async () => {
      await assert.rejects(s.call(verb, line), message)
      assert.equal(readFileSync(s.at('file'), 'utf8'), 'f')
    })
})
