import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/rm.ts'
import { steps, type Steps } from './call.ts'

describe('rm', () => {
  let s: Steps
  beforeEach(() => {
    s = steps()
    mkdirSync(s.at('full/inner'), { recursive: true })
    writeFileSync(s.at('full/inner/x'), '')
    writeFileSync(s.at('file'), '')
    symlinkSync('full', s.at('link'))
    symlinkSync('nowhere', s.at('broken'))
    symlinkSync('/', s.at('away'))
  })
  afterEach(() => s.end())

  it('removes files and whole folders', async () => {
    await s.call(verb, 'file full')
    assert.deepEqual([existsSync(s.at('file')), existsSync(s.at('full'))], [false, false])
  })

  it('removes links, not what they lead to', async () => {
    await s.call(verb, 'link broken away')
    assert.equal(existsSync(s.at('full/inner/x')), true)
    for (const name of ['link', 'broken', 'away'])
      assert.equal(lstatSync(s.at(name), { throwIfNoEntry: false }), undefined)
  })

  it('with -f takes it easy when something is missing', async () => {
    await s.call(verb, '-f none file none/deep')
    assert.equal(existsSync(s.at('file')), false)
  })

  const REFUSED: [string, RegExp][] = [
    ['', /found no path, expected: rm \[-f\] PATH…/],
    ['-f', /found no path/],
    ['none', /none does not exist: remove the step, or use rm -f/],
    ['-r full', /-r does not exist/],
    ['-rf full', /-rf does not exist/],
    ['away/tmp', /away\/tmp would be \/: a link on the way leads out/],
    ['-f away/nothing/such', /a link on the way leads out/],
    ['../x', /\.\.\/x would be .*leads out/],
  ]
  for (const [line, message] of REFUSED)
    it(`refuses ${JSON.stringify(line)}, and removes nothing`, async () => {
      await assert.rejects(s.call(verb, line), message)
      assert.ok(existsSync(s.at('full/inner/x')))
    })
})
