import assert from 'node:assert/strict'
import { lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/write.ts'
import { steps, type Steps } from './call.ts'

describe('write', () => {
  let s: Steps
  beforeEach(() => (s = steps()))
  afterEach(() => s.end())

  it('writes one argument a line, mode 0644, making the folders above', async () => {
    await s.call(verb, 'etc/conf one two')
    assert.equal(readFileSync(s.at('etc/conf'), 'utf8'), 'one\ntwo\n')
    assert.equal(statSync(s.at('etc/conf')).mode & 0o777, 0o644)
    await s.call(verb, 'etc/empty')
    assert.equal(statSync(s.at('etc/empty')).size, 0)
  })

  it('replaces a link instead of writing through it', async () => {
    writeFileSync(s.at('behind'), 'kept')
    symlinkSync('behind', s.at('link'))
    await s.call(verb, 'link new')
    assert.equal(readFileSync(s.at('behind'), 'utf8'), 'kept')
    assert.ok(lstatSync(s.at('link')).isFile())
  })

  it('refuses no path, and to leave the folder', async () => {
    symlinkSync('/', s.at('away'))
    await assert.rejects(s.call(verb, ''), /found no arguments, expected: write FILE LINE…/)
    await assert.rejects(s.call(verb, 'away/tmp/x y'), /a link on the way leads out/)
  })
})
