import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { scan, treeDigest } from '../../../image/engine/tree.ts'
import { verb } from '../../../image/verbs/merge.ts'
import { steps, type Steps } from './call.ts'

describe('merge', () => {
  let s: Steps
  beforeEach(() => (s = steps()))
  afterEach(() => s.end())
  function file(path: string, text = path, mode = 0o644) {
    mkdirSync(dirname(s.at(path)), { recursive: true })
    writeFileSync(s.at(path), text)
    chmodSync(s.at(path), mode)
  }
  function link(path: string, target: string) {
    mkdirSync(dirname(s.at(path)), { recursive: true })
    symlinkSync(target, s.at(path))
  }
  const digest = (folder: string) => treeDigest(scan(s.at(folder)))

  it('copies a tree exactly: files, modes, links, empty folders', async () => {
    file('a/usr/bin/su', 'x', 0o4755)
    file('a/etc/.hidden')
    link('a/lib', 'usr/lib')
    mkdirSync(s.at('a/run'), { mode: 0o700 })
    await s.call(verb, 'a out/deep')
    assert.equal(digest('out/deep'), digest('a'))
  })

  it('puts trees together, whatever their order', async () => {
    file('a/usr/bin/x')
    file('b/usr/bin/y')
    file('b/etc/z')
    await s.call(verb, 'a b one')
    await s.call(verb, 'b a two')
    assert.equal(digest('one'), digest('two'))
    assert.ok(existsSync(s.at('one/usr/bin/y')))
  })

  it('takes the same file, link and folder from several', async () => {
    for (const tree of ['a', 'b']) {
      file(`${tree}/etc/same`, 'text')
      link(`${tree}/link`, 'etc/same')
    }
    await s.call(verb, 'a b out')
    assert.equal(readlinkSync(s.at('out/link')), 'etc/same')
  })

  it('follows a link to a folder that an earlier tree has, and stays inside', async () => {
    file('a/usr/lib/x')
    link('a/lib', 'usr/lib')
    file('b/lib/y')
    await s.call(verb, 'a b out')
    assert.ok(lstatSync(s.at('out/lib')).isSymbolicLink())
    assert.equal(readFileSync(s.at('out/usr/lib/y'), 'utf8'), 'b/lib/y')
  })

  const CLASHES: Record<string, () => void> = {
    'two texts': () => (file('a/p', 'one'), file('b/p', 'two')),
    'two modes': () => (file('a/p', 'one'), file('b/p', 'one', 0o755)),
    'two targets': () => (link('a/p', 'one'), link('b/p', 'two')),
    'a file and a link': () => (file('a/p', 'one'), link('b/p', 'one')),
    'a link and a file': () => (link('a/p', 'one'), file('b/p', 'one')),
    'a file and a folder': () => (file('a/p'), file('b/p/x')),
    'a folder and a file': () => (file('a/p/x'), file('b/p')),
    'two modes of a folder': () => (file('a/p/x'), file('b/p/y'), chmodSync(s.at('b/p'), 0o700)),
    'a link out of the tree and a folder': () => (link('a/p', '/'), file('b/p/x')),
    'a link to a file and a folder': () => (file('a/f'), link('a/p', 'f'), file('b/p/x')),
  }
  for (const [what, make] of Object.entries(CLASHES))
    it(`refuses ${what} on one path, naming both trees`, async () => {
      make()
      await assert.rejects(
        async () => s.call(verb, 'a b out'),
        /^Error: p is shipped by a and, differently, by b: drop one$/,
      )
    })

  it('writes nothing outside through a link that the folder has', async () => {
    file('a/x/y')
    link('out/x', s.at('elsewhere'))
    mkdirSync(s.at('elsewhere'))
    await assert.rejects(async () => s.call(verb, 'a out'), /x is shipped by a folder and/)
    link('away', '/')
    await assert.rejects(async () => s.call(verb, 'a away/tmp'), /a link on the way leads out/)
    assert.equal(existsSync(s.at('elsewhere/y')), false)
  })

  it('refuses too few words and trees that are not there', async () => {
    for (const line of ['', 'a'])
      await assert.rejects(
        async () => s.call(verb, line),
        /found too few arguments, expected: merge/,
      )
    await assert.rejects(async () => s.call(verb, 'none out'), /ENOENT.*none/)
    assert.ok(statSync(s.folder).isDirectory())
  })
})
