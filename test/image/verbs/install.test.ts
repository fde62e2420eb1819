import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/install.ts'
import { steps, type Steps } from './call.ts'

describe('install', () => {
  let s: Steps
  beforeEach(() => {
    s = steps()
    writeFileSync(s.at('a'), 'alpha', { mode: 0o600 })
    writeFileSync(s.at('b'), 'beta')
  })
  afterEach(() => s.end())
  const mode = (path: string) => (statSync(s.at(path)).mode & 0o7777).toString(8)
  const text = (path: string) => readFileSync(s.at(path), 'utf8')

  it('copies a file with the mode, making the folders above it', async () => {
    await s.call(verb, '0755 a out/usr/bin/tool')
    assert.deepEqual([text('out/usr/bin/tool'), mode('out/usr/bin/tool')], ['alpha', '755'])
    assert.deepEqual([text('a'), mode('a')], ['alpha', '600'])
  })

  it('copies several into a folder that ends with a slash', async () => {
    await s.call(verb, '644 a b out/')
    assert.deepEqual([text('out/a'), text('out/b'), mode('out/a')], ['alpha', 'beta', '644'])
  })

  it('sets bits beyond those of users', async () => {
    await s.call(verb, '4755 a out/su')
    assert.equal(mode('out/su'), '4755')
  })

  it('replaces what is there, be it read-only or a link, and not what that leads to', async () => {
    mkdirSync(s.at('out'))
    writeFileSync(s.at('out/x'), 'old')
    chmodSync(s.at('out/x'), 0o400)
    await s.call(verb, '0644 a out/x')
    assert.deepEqual([text('out/x'), mode('out/x')], ['alpha', '644'])
    symlinkSync('../b', s.at('out/link'))
    await s.call(verb, '0644 a out/link')
    assert.deepEqual([text('out/link'), text('b')], ['alpha', 'beta'])
  })

  const REFUSED: [string, RegExp][] = [
    ['', /found 0 arguments, expected: install MODE FILE… TARGET/],
    ['0644 a', /found 2 arguments/],
    ['u+x a out', /mode is u\+x, expected octal like 0644/],
    ['888 a out', /mode is 888/],
    ['00644 a out', /mode is 00644/],
    ['0644 a b out', /several files need a folder: end out with \//],
    ['0644 none out/x', /none is no file/],
    ['0644 folder out/x', /folder is no file/],
    ['0644 a folder', /folder is a folder: end it with \/ to install into it/],
    ['0644 a b folder/../away/x/', /away\/x\/a would be \/.*: a link on the way leads out/],
  ]
  for (const [line, message] of REFUSED)
    it(`refuses ${JSON.stringify(line)}`, async () => {
      mkdirSync(s.at('folder'))
      symlinkSync('/', s.at('away'))
      await assert.rejects(s.call(verb, line), message)
    })
})
