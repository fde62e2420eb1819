import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { sha256 } from '../../../image/engine/digest.ts'
import { scan, stamp, treeDigest, treeText, walk } from '../../../image/engine/tree.ts'
import { folder, type Folder } from './folder.ts'

let here: Folder
beforeEach(() => {
  here = folder()
  here.file('t/bin/tool', 'program', 0o755)
  here.file('t/etc/ü', 'text')
  here.link('t/bin/link', '../etc/ü')
  mkdirSync(here.at('t/empty'), { mode: 0o700 })
})
afterEach(() => here.end())

const digest = () => treeDigest(scan(here.at('t')))

describe('a tree', () => {
  it('is listed with type, mode, size and contents, in byte order', () => {
    assert.deepEqual(scan(here.at('t')), [
      { type: 'dir', path: 'bin', mode: 0o755, size: 0, content: '' },
      { type: 'link', path: 'bin/link', mode: 0o777, size: 9, content: '../etc/ü' },
      { type: 'file', path: 'bin/tool', mode: 0o755, size: 7, content: sha256('program') },
      { type: 'dir', path: 'empty', mode: 0o700, size: 0, content: '' },
      { type: 'dir', path: 'etc', mode: 0o755, size: 0, content: '' },
      { type: 'file', path: 'etc/ü', mode: 0o644, size: 4, content: sha256('text') },
    ])
  })

  it('is sorted by bytes, not by letters of a language or by folders', () => {
    for (const name of ['a/x', 'a.b', 'a-b', 'B', 'ä', '\u{1F600}', '\uFFFD'])
      here.file(`s/${name}`)
    assert.deepEqual(
      walk(here.at('s')).map(({ path }) => path),
      ['B', 'a', 'a-b', 'a.b', 'a/x', 'ä', '\uFFFD', '\u{1F600}'],
    )
  })

  it('has a text of one JSON list a line, and its digest', () => {
    const lines = treeText(scan(here.at('t'))).split('\n')
    assert.equal(lines.length, 7)
    assert.deepEqual(JSON.parse(lines[1]!), ['link', 'bin/link', 0o777, 9, '../etc/ü'])
    assert.match(digest(), /^[0-9a-f]{64}\/\d+$/)
  })

  it('has the same digest elsewhere, later, and made in another order', () => {
    const first = digest()
    utimesSync(here.at('t/bin/tool'), 1, 1)
    renameSync(here.at('t'), here.at('moved'))
    mkdirSync(here.at('t/empty'), { mode: 0o700, recursive: true })
    chmodSync(here.at('t'), 0o700)
    here.file('t/etc/ü', 'text')
    here.link('t/bin/link', '../etc/ü')
    here.file('t/bin/tool', 'program', 0o755)
    assert.equal(digest(), first)
  })

  const CHANGES: Record<string, () => void> = {
    'a byte': () => here.file('t/etc/ü', 'texT'),
    'a mode': () => chmodSync(here.at('t/bin/tool'), 0o644),
    'a setuid bit': () => chmodSync(here.at('t/bin/tool'), 0o4755),
    'the mode of a folder': () => chmodSync(here.at('t/empty'), 0o755),
    'a name': () => renameSync(here.at('t/etc/ü'), here.at('t/etc/u')),
    'the target of a link': () => (rmSync(here.at('t/bin/link')), here.link('t/bin/link', 'x')),
    'a link made a file': () => (
      rmSync(here.at('t/bin/link')),
      here.file('t/bin/link', '../etc/ü')
    ),
    'a new file': () => here.file('t/new'),
    'a new folder': () => mkdirSync(here.at('t/new')),
    'a removed folder': () => rmSync(here.at('t/empty'), { recursive: true }),
  }
  for (const [what, change] of Object.entries(CHANGES))
    it(`has another digest and another stamp after ${what}`, () => {
      const before = { digest: digest(), stamp: stamp(here.at('t')) }
      change()
      assert.notEqual(digest(), before.digest)
      assert.notEqual(stamp(here.at('t')), before.stamp)
    })

  it('has another stamp when a file was written with the same bytes and the same times', () => {
    const before = stamp(here.at('t'))
    assert.equal(stamp(here.at('t')), before)
    utimesSync(here.at('t/etc/ü'), 1, 1)
    const touched = stamp(here.at('t'))
    writeFileSync(here.at('t/etc/ü'), 'tExt')
    utimesSync(here.at('t/etc/ü'), 1, 1)
    assert.notEqual(touched, before)
    assert.notEqual(stamp(here.at('t')), touched)
  })

  it('refuses what no archive should carry', async () => {
    execFileSync('mkfifo', [here.at('t/pipe')])
    assert.throws(() => scan(here.at('t')), {
      code: 'SCAN_BAD_TYPE',
      message: /\/t\/pipe is neither/,
    })
    rmSync(here.at('t/pipe'))
    const server = createServer().listen(here.at('t/socket'))
    await new Promise(done => server.once('listening', done))
    assert.throws(() => scan(here.at('t')), { code: 'SCAN_BAD_TYPE' })
    server.close()
  })

  it('is told from another whose names hold line ends', () => {
    here.file('n/a\n["file","b",420,1,""]', 'x')
    const one = treeDigest(scan(here.at('n')))
    assert.equal(treeText(scan(here.at('n'))).split('\n').length, 2)
    here.file('m/a', 'x')
    assert.notEqual(treeDigest(scan(here.at('m'))), one)
  })
})
