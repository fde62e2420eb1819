import assert from 'node:assert/strict'
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/chmod.ts'
import { steps } from './call.ts'

describe('verb chmod', () => {
  const { at, call, end } = steps()
  after(end)
  writeFileSync(at('file'), '', { mode: 0 })
  mkdirSync(at('folder'))
  symlinkSync('file', at('link'))
  const mode = (path: string) => statSync(at(path)).mode & 0o7777

  it('sets the mode of files and folders, whatever it was', async () => {
    await call(verb, '0640 file folder')
    assert.deepEqual([mode('file'), mode('folder')], [0o640, 0o640])
    await call(verb, '4755 file')
    assert.equal(mode('file'), 0o4755)
  })

  const REFUSED: [string, RegExp][] = [
    ['', /found 0 arguments/],
    ['0644', /found 1 arguments/],
    ['u+x file', /mode is u\+x, expected octal/],
    ['0888 file', /mode is 0888/],
    ['0644 file missing', /missing does not exist/],
    ['0644 link', /link is a link/],
  ]
  for (const [line, message] of REFUSED)
    it(`refuses chmod ${line}`, async () => {
      await assert.rejects(call(verb, line), message)
    })
})
