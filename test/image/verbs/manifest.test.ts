import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { parseManifest } from '../../../image/disk/manifest.ts'
import { verb } from '../../../image/verbs/manifest.ts'
import { steps } from './call.ts'

describe('verb manifest', () => {
  const { at, call, end } = steps()
  after(end)
  const write = (path: string, text: string) => {
    mkdirSync(at(path, '..'), { recursive: true })
    writeFileSync(at(path), text)
  }
  for (const path of ['a', 'b', 'c', 'd']) write(`root/${path}`, path)
  for (const path of ['a', 'b']) write(`one/${path}`, path)
  for (const path of ['b', 'c']) write(`two/${path}`, path)

  /** What `unpack` leaves in the tree of a recipe. */
  const unpacked = (tree: string, name: string, version: string, ...files: string[]) => {
    const known = { name, version, arch: 'all', source: name, sourceVersion: version }
    write(`${tree}/.packages/${name}.json`, JSON.stringify({ ...known, files }))
  }
  const result = () => parseManifest(readFileSync(at('out.json'), 'utf8'))
  const owners = () => result().files.map(f => `${f.path}:${f.package ?? ''}`)

  it('takes the owner from the trees, the first that has the path', async () => {
    const options = '--board x --version 1.2.3 --profile dev --kernel linux'
    const printed = await call(verb, `root out.json ${options} one=one two=two`)
    assert.deepEqual(owners(), ['a:one', 'b:one', 'c:two', 'd:'])
    assert.deepEqual(result().packages, [
      { name: 'one', version: '1.2.3', recipe: 'one' },
      { name: 'two', version: '1.2.3', recipe: 'two' },
    ])
    assert.equal(result().version, '1.2.3')
    assert.deepEqual(printed, ['4 files of 2 packages'])
  })

  it('knows the Debian package of what was unpacked, the recipe of the rest', async () => {
    unpacked('three', 'libb', '2:3-1', 'b', 'gone')
    unpacked('three', 'libd', '4', 'd')
    write('three/c', 'c')
    unpacked('four', 'elsewhere', '1', 'nowhere')
    await call(verb, 'root out.json --version 9 one=one three=three four=four')
    assert.deepEqual(owners(), ['a:one', 'b:libb', 'c:three', 'd:libd'])
    assert.deepEqual(result().packages, [
      { name: 'libb', version: '2:3-1', recipe: 'three' },
      { name: 'libd', version: '4', recipe: 'three' },
      { name: 'one', version: '9', recipe: 'one' },
      { name: 'three', version: '9', recipe: 'three' },
    ])
  })

  it('tells a recipe from the package of the same name', async () => {
    unpacked('two-again', 'two-again', '5', 'a')
    write('two-again/c', 'c')
    await call(verb, 'root out.json --version 9 two-again=two-again')
    assert.deepEqual(owners(), ['a:two-again', 'b:', 'c:two-again (recipe)', 'd:'])
    assert.deepEqual(
      result().packages.map(p => `${p.name} ${p.version}`),
      ['two-again 5', 'two-again (recipe) 9'],
    )
  })

  it('refuses arguments that say nothing', async () => {
    await assert.rejects(call(verb, 'root'), /usage: manifest ROOT OUT/)
    await assert.rejects(call(verb, 'root out.json one'), /'one' is not RECIPE=FOLDER/)
    await assert.rejects(call(verb, 'root out.json one='), /'one=' is not RECIPE=FOLDER/)
  })
})
