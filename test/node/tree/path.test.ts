import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePrincipal } from '../../../node/crypto/principal.ts'
import { formatPath, parentOf, parsePath } from '../../../node/tree/path.ts'

const own = parsePrincipal('k51qzi5uqu5dki2f5zm2s4wtcwmcwlstw2l7esfghmu0kqnozqokocojau42zo')
const other = parsePrincipal('k51qzi5uqu5dlqsbdi1u1lmfsgpvqzh6umyc6wwreo6nb4l2rgvpigzs1fngj6')
const names = (text: string) => parsePath(text, own).names

describe('a path', () => {
  it('begins with a tree: ROOT, root or a principal', () => {
    for (const root of ['ROOT', 'root', own])
      assert.deepEqual(parsePath(`/${root}/a`, own), { tree: own, names: ['a'] })
    assert.deepEqual(parsePath(`/${other}`, own), { tree: other, names: [] })
  })

  it('comes back as text with the principal written out', () => {
    const path = parsePath('/ROOT/docs/a b.txt', own)
    assert.equal(formatPath(path), `/${own}/docs/a b.txt`)
    assert.deepEqual(parsePath(formatPath(path), other), path)
  })

  it('may end with one slash', () => {
    assert.deepEqual(names('/ROOT/'), [])
    assert.deepEqual(names('/ROOT/a/'), ['a'])
  })

  it('keeps names as they are: case, spaces, both normal forms', () => {
    assert.deepEqual(names('/ROOT/Ä/A\u0308/ROOT/ ./...'), ['Ä', 'A\u0308', 'ROOT', ' .', '...'])
  })

  it('may begin at a block by its id', () => {
    const id = '0123456789abcdef0123456789abcdef'
    const path = parsePath(`/ROOT/=${id}/a`, own)
    assert.deepEqual(path, { tree: own, start: id, names: ['a'] })
    assert.equal(formatPath(path), `/${own}/=${id}/a`)
    assert.deepEqual(names(`/ROOT/a/=${id}`), ['a', `=${id}`])
    assert.deepEqual(names(`/ROOT/=${id.slice(1)}`), [`=${id.slice(1)}`])
  })

  it('is at most 64 deep, names at most 255 bytes', () => {
    assert.equal(names(`/ROOT${'/a'.repeat(63)}`).length, 63)
    assert.equal(names(`/ROOT/${'ä'.repeat(127)}b`).length, 1)
    assert.throws(() => names(`/ROOT${'/a'.repeat(64)}`), { code: 'TREE_PATH' })
    assert.throws(() => names(`/ROOT/${'ä'.repeat(128)}`), { code: 'TREE_NAME' })
  })

  for (const text of ['', 'ROOT/a', '/', '//a', '/Root/a', '/k51/a', `/${'x'.repeat(100_000)}`])
    it(`is not ${JSON.stringify(text.slice(0, 20))}`, () =>
      assert.throws(() => parsePath(text, own), { name: 'TreeError', code: 'TREE_PATH' }))

  for (const name of ['', '.', '..', 'a\0b', '\ud800', '\ufeffa'])
    it(`has no name ${JSON.stringify(name)}`, () =>
      assert.throws(() => parsePath(`/ROOT/${name}/b`, own), { code: 'TREE_NAME' }))

  it('has a parent unless it is a root', () => {
    const { parent, name } = parentOf(parsePath('/ROOT/a/b', own))
    assert.deepEqual([parent.names, name], [['a'], 'b'])
    assert.throws(() => parentOf(parsePath('/ROOT', own)), { code: 'TREE_PATH' })
  })
})
