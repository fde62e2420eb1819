import assert from 'node:assert/strict'
import { mkdirSync, readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { readJson, writeAtomic } from '../../../image/engine/atomic.ts'
import { folder, type Folder } from './folder.ts'

describe('atomic files', () => {
  let here: Folder
  beforeEach(() => (here = folder()))
  afterEach(() => here.end())

  it('are written with the folders above them, and leave nothing beside them', () => {
    writeAtomic(here.at('a/b/c'), 'one')
    writeAtomic(here.at('a/b/c'), Buffer.from('two'))
    assert.equal(here.read('a/b/c'), 'two')
    assert.deepEqual(readdirSync(here.at('a/b')), ['c'])
  })

  it('stay as they were when writing fails, and leave nothing beside them', () => {
    here.file('kept/inside')
    mkdirSync(here.at('kept/folder/full'), { recursive: true })
    assert.throws(() => writeAtomic(here.at('kept/folder'), 'x'), { code: 'EISDIR' })
    assert.throws(() => writeAtomic(here.at('kept/inside/below'), 'x'), /EEXIST|ENOTDIR/)
    assert.deepEqual(readdirSync(here.at('kept')).sort(), ['folder', 'inside'])
    assert.equal(here.read('kept/inside'), 'kept/inside')
  })

  it('read as JSON are undefined when missing, cut off, a folder or no JSON', () => {
    writeAtomic(here.at('good'), '{"a":[1]}')
    assert.deepEqual(readJson(here.at('good')), { a: [1] })
    for (const text of ['', '{"a":[1]', '\0\0\0\0', '{"a":1}{"a":1}', 'undefined'])
      assert.equal(readJson(here.file('bad', text)), undefined, JSON.stringify(text))
    assert.equal(readJson(here.at('none')), undefined)
    assert.equal(readJson(here.path), undefined)
  })
})
