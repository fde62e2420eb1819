/** The lists of which package a file came from: what the lock says, through steps, to the tree. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { readOwned, writeOwned } from '../../../image/debian/owned.ts'
import { archOf, formatPackages, type LockedPackage } from '../../../image/debian/package.ts'

const locked = (name: string, arch: string): LockedPackage => ({
  name,
  version: '2:1.0-1+b2',
  source: 'from',
  sourceVersion: '2:1.0-1',
  archive: 'debian',
  path: `pool/main/f/from/${name}_1.0-1+b2_${arch}.deb`,
  size: 1,
  sha256: '0'.repeat(64),
})

describe('which package a file came from', () => {
  const top = mkdtempSync(join(tmpdir(), 'owned-'))
  after(() => rmSync(top, { recursive: true }))
  const debs = join(top, 'debs')
  mkdirSync(debs)

  it('says of a package its architecture, as its file is called', () => {
    assert.equal(archOf(locked('a', 'amd64')), 'amd64')
    assert.equal(archOf(locked('b_c', 'all')), 'all')
  })

  it('is written to the tree for the packages that are known, and read again', () => {
    const tree = join(top, 'tree')
    writeFileSync(
      join(debs, 'packages.json'),
      formatPackages([locked('b', 'all'), locked('a', 'amd64')]),
    )
    const shipped = new Map([
      [join(debs, 'b.deb'), ['usr/b']],
      [join(debs, 'a.deb'), ['usr/a', 'usr/z']],
      [join(debs, 'stranger.deb'), ['usr/s']],
      [join(top, 'other.tar'), ['usr/o']],
    ])
    writeOwned(tree, shipped)
    const rest = { version: '2:1.0-1+b2', source: 'from', sourceVersion: '2:1.0-1' }
    assert.deepEqual(readOwned(tree), [
      { name: 'a', ...rest, arch: 'amd64', files: ['usr/a', 'usr/z'] },
      { name: 'b', ...rest, arch: 'all', files: ['usr/b'] },
    ])
  })

  it('is not written where nothing is known', () => {
    const tree = join(top, 'bare')
    mkdirSync(tree)
    writeOwned(tree, new Map([[join(top, 'other.tar'), ['usr/o']]]))
    assert.deepEqual(readdirSync(tree), [])
    assert.deepEqual(readOwned(tree), [])
  })

  it('is told one package a line', () => {
    const text = formatPackages([locked('a', 'amd64'), locked('b', 'all')])
    assert.equal(text.split('\n').length, 5)
    assert.deepEqual(
      (JSON.parse(text) as { name: string }[]).map(({ name }) => name),
      ['a', 'b'],
    )
    assert.deepEqual(JSON.parse(formatPackages([])), [])
    assert.doesNotMatch(readFileSync(join(debs, 'packages.json'), 'utf8'), /pool|sha256/)
  })
})
