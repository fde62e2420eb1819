/** Executables made of the running Node and small programs, and run. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/sea.ts'
import { steps, type Steps } from './call.ts'

const PROGRAM = `
const sea = require('node:sea')
const asset = name => sea.getAsset(name, 'utf8')
console.log(process.argv.slice(2).join(), asset('a'), asset('web/b'), process.execArgv.join())
`
const LINE = `main.cjs ${process.execPath} out/program --asset a=one --assets web=folder --node-option=--no-deprecation`

let here: Steps
before(() => {
  here = steps()
  writeFileSync(here.at('main.cjs'), PROGRAM)
  writeFileSync(here.at('one'), 'asset one')
  mkdirSync(here.at('folder'))
  writeFileSync(here.at('folder/b'), 'asset two')
})
after(() => here.end())

describe('sea', () => {
  it('makes an executable with program, assets and options, and leaves nothing else', async () => {
    assert.deepEqual(await here.call(verb, LINE), [])
    const said = execFileSync(here.at('out/program'), ['--version', 'x'], { encoding: 'utf8' })
    assert.equal(said, '--version,x asset one asset two --no-deprecation\n')
    assert.deepEqual(readdirSync(here.at('out')), ['program'])
    assert.equal(statSync(here.at('out/program')).mode & 0o777, 0o755)
  })

  it('makes it smaller than Node was', () => {
    assert.ok(statSync(here.at('out/program')).size < statSync(process.execPath).size)
  })

  it('makes the same bytes in another folder, over what was there', async () => {
    const moved = steps()
    try {
      cpSync(here.folder, moved.folder, { recursive: true })
      writeFileSync(moved.at('out/program'), 'old')
      await moved.call(verb, LINE)
      assert.ok(readFileSync(moved.at('out/program')).equals(readFileSync(here.at('out/program'))))
    } finally {
      moved.end()
    }
  })

  it('refuses what is no Node of this version, or was made already', async () => {
    writeFileSync(here.at('other'), 'some other program')
    const rows = [
      ['main.cjs other out/x', new RegExp(`other is not Node ${process.version}`)],
      ['main.cjs out/program out/x', /has no single fuse .*made already/],
      ['main.cjs none out/x', /ENOENT.*none/],
      [`none.cjs ${process.execPath} out/x`, /none\.cjs/],
      [`main.cjs ${process.execPath} out/x --asset a`, /--asset is 'a', NAME=FILE expected/],
      [`main.cjs ${process.execPath} out/x --asset a=none`, /none/],
      [`main.cjs ${process.execPath}`, /usage: sea/],
    ] as const
    for (const [line, message] of rows) await assert.rejects(here.call(verb, line), message, line)
    assert.deepEqual(readdirSync(here.at('out')), ['program'])
  })
})
