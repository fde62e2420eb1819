/** Reading small files that somebody else may have prepared. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { listFacts, readFact } from '../../../node/status/read.ts'
import { makeRoot } from '../machine.ts'

describe('readFact', () => {
  it('gives the text of a plain file', () => {
    assert.equal(readFact(makeRoot({ 'a/b': 'text\n' }), 'a/b'), 'text\n')
  })

  it('stops after the limit', () => {
    assert.equal(readFact(makeRoot({ a: 'x'.repeat(10_000) }), 'a', 100), 'x'.repeat(100))
  })

  it('reads kernel files, which say they are empty', () => {
    assert.match(readFact('/', 'proc/self/stat') ?? '', /^\d+ \(/)
  })

  it('follows no link in the last place, so nobody can show another file through it', () => {
    assert.equal(readFact(makeRoot({ secret: 's', fact: '-> secret' }), 'fact'), undefined)
  })

  it('does not wait for the writer of a pipe', () => {
    const root = makeRoot({})
    execFileSync('mkfifo', [join(root, 'pipe')])
    assert.equal(readFact(root, 'pipe'), undefined)
  })

  it('takes no folder, no device and nothing that is not there', () => {
    const root = makeRoot({})
    mkdirSync(join(root, 'folder'))
    for (const path of ['folder', 'absent', 'folder/absent'])
      assert.equal(readFact(root, path), undefined, path)
    assert.equal(readFact('/', 'dev/zero'), undefined)
  })
})

describe('listFacts', () => {
  it('gives matching names sorted and at most as many as asked', () => {
    const root = makeRoot({ 'd/b': '', 'd/a': '', 'd/c c': '', 'd/d': '' })
    assert.deepEqual(listFacts(root, 'd', /^\w+$/, 2), ['a', 'b'])
  })

  it('gives nothing for a folder that is not there', () => {
    assert.deepEqual(listFacts(makeRoot({}), 'd', /./), [])
  })
})
