import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/ln.ts'
import { steps, type Steps } from './call.ts'

describe('ln', () => {
  let s: Steps
  beforeEach(() => (s = steps()))
  afterEach(() => s.end())

  it('makes links that hold their target as it is written, also when nothing is there', async () => {
    await s.call(verb, '../lib/x.so.1 usr/lib/x.so')
    await s.call(verb, '/run var/run')
    assert.equal(readlinkSync(s.at('usr/lib/x.so')), '../lib/x.so.1')
    assert.equal(readlinkSync(s.at('var/run')), '/run')
  })

  it('replaces an older file or link, but no folder', async () => {
    writeFileSync(s.at('x'), '')
    await s.call(verb, 'one x')
    await s.call(verb, 'two x')
    assert.equal(readlinkSync(s.at('x')), 'two')
    mkdirSync(s.at('folder/inner'), { recursive: true })
    await assert.rejects(s.call(verb, 'one folder'), /folder is a folder: remove it first/)
    assert.ok(existsSync(s.at('folder/inner')))
  })

  it('refuses another number of words, and to leave the folder', async () => {
    symlinkSync('/', s.at('away'))
    for (const line of ['', 'a', 'a b c', '-s a b'])
      await assert.rejects(s.call(verb, line), /found \d arguments, expected: ln TARGET LINK/, line)
    await assert.rejects(s.call(verb, 'a away/tmp/b'), /a link on the way leads out/)
  })
})
