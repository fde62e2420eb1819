import assert from 'node:assert/strict'
import { renameSync, utimesSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import {
  canonical,
  digestOf,
  noteSha256,
  sha256,
  sha256File,
} from '../../../image/engine/digest.ts'
import { folder } from './folder.ts'

describe('digests', () => {
  const here = folder()
  after(() => here.end())

  it('are the hashes of FIPS 180-2, appendix B, with the size in bytes', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    assert.equal(sha256('abc'), abc)
    assert.equal(digestOf('abc'), `${abc}/3`)
    assert.equal(
      digestOf('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1/56',
    )
    assert.equal(digestOf(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/0')
  })

  it('count bytes, not letters', () => {
    assert.equal(digestOf('ü'), digestOf(Buffer.from('ü')))
    assert.match(digestOf('ü'), /\/2$/)
  })

  it('of files are those of their bytes, for sizes about the reading buffer', () => {
    for (const size of [0, 1, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 3 * 2 ** 20]) {
      const text = 'x'.repeat(size)
      assert.equal(sha256File(here.file('a', text)), sha256(text), `${size} bytes`)
    }
    assert.throws(() => sha256File(here.at('none')), { code: 'ENOENT' })
  })

  it('of files are those noted by who wrote them, until the file is touched', () => {
    const file = here.file('noted', 'text')
    noteSha256(file, 'f'.repeat(64))
    assert.equal(sha256File(file), 'f'.repeat(64))
    utimesSync(file, 0, 0)
    assert.equal(sha256File(file), sha256('text'))
    noteSha256(file, 'f'.repeat(64))
    here.file('other', 'more')
    renameSync(here.at('other'), file)
    assert.equal(sha256File(file), sha256('more'))
  })
})

describe('canonical JSON', () => {
  it('does not depend on the order of keys, at any depth', () => {
    const a = { x: 1, a: [{ c: 1, b: 2 }], ä: { z: null, y: 'é' } }
    const b = { ä: { y: 'é', z: null }, a: [{ b: 2, c: 1 }], x: 1 }
    assert.equal(canonical(a), canonical(b))
    assert.equal(canonical(a), '{"a":[{"b":2,"c":1}],"x":1,"ä":{"y":"é","z":null}}')
  })

  const DIFFERENT: [unknown, unknown][] = [
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: 1 }, { a: '1' }],
    [{ a: [] }, { a: {} }],
    [{ a: null }, {}],
    [
      { a: 'b', c: 'd' },
      { a: 'd', c: 'b' },
    ],
    ['', null],
  ]
  for (const [a, b] of DIFFERENT)
    it(`tells ${JSON.stringify(a)} from ${JSON.stringify(b)}`, () => {
      assert.notEqual(canonical(a), canonical(b))
    })

  it('takes keys that look like numbers in the order of all others', () => {
    assert.equal(JSON.parse(canonical({ 10: 'a', 9: 'b' }))['10'], 'a')
    assert.equal(canonical({ b: 0, 10: 0, 9: 0 }), canonical({ 9: 0, b: 0, 10: 0 }))
  })
})
