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

  const owners = () =>
    parseManifest(readFileSync(at('out.json'), 'utf8')).files.map(
      f => `${f.path}:${f.package ?? ''}`,
    )

  it('takes the owner from the trees, the first that has the path', async () => {
    const options = '--board x --version 1.2.3 --profile dev --kernel linux'
    const printed = await call(verb, `root out.json ${options} one=one two@7=two`)
    assert.deepEqual(owners(), ['a:one', 'b:one', 'c:two', 'd:'])
    const manifest = parseManifest(readFileSync(at('out.json'), 'utf8'))
    assert.deepEqual(manifest.packages, [
      { name: 'one', version: '', recipe: 'one' },
      { name: 'two', version: '7', recipe: 'two' },
    ])
    assert.equal(manifest.version, '1.2.3')
    assert.deepEqual(printed, ['4 files of 2 packages'])
  })

  it('believes the list of packages more than the trees', async () => {
    const packages = [{ name: 'libb', version: '3', recipe: 'one', files: ['b', 'gone'] }]
    write('packages.json', JSON.stringify({ packages }))
    await call(verb, 'root out.json --packages packages.json one=one two=two')
    assert.deepEqual(owners(), ['a:one', 'b:libb', 'c:two', 'd:'])
  })

  it('refuses arguments that say nothing', async () => {
    await assert.rejects(call(verb, 'root'), /usage: manifest ROOT OUT/)
    await assert.rejects(call(verb, 'root out.json one'), /'one' is not RECIPE=FOLDER/)
    write('packages.json', JSON.stringify({ packages: [{ name: 'x' }] }))
    const broken = { code: 'MANIFEST_MALFORMED', message: /packages\[0\] needs name/ }
    await assert.rejects(call(verb, 'root out.json --packages packages.json'), broken)
    write('packages.json', '{}')
    await assert.rejects(
      call(verb, 'root out.json --packages packages.json'),
      /'packages' is missing/,
    )
    const packages = [{ name: 'one', version: '3', recipe: 'one', files: [] }]
    write('packages.json', JSON.stringify({ packages }))
    const twice = call(verb, 'root out.json --packages packages.json one=one')
    await assert.rejects(twice, /one is the name of a package already/)
  })
})
