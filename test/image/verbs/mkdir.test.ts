import assert from 'node:assert/strict'
import { statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/mkdir.ts'
import { steps, type Steps } from './call.ts'

describe('mkdir', () => {
  let s: Steps
  beforeEach(() => (s = steps()))
  afterEach(() => s.end())

  it('makes folders and those above them, and is content when they are there', async () => {
    await s.call(verb, 'a/b/c d')
    await s.call(verb, 'a/b d')
    for (const name of ['a', 'a/b/c', 'd']) assert.ok(statSync(s.at(name)).isDirectory())
  })

  it('refuses no path, a file in the way, and to leave the folder', async () => {
    writeFileSync(s.at('file'), '')
    symlinkSync('/', s.at('away'))
    await assert.rejects(s.call(verb, ''), /found no path, expected: mkdir FOLDER…/)
    await assert.rejects(async () => s.call(verb, 'file'), /EEXIST/)
    await assert.rejects(async () => s.call(verb, 'file/x'), /ENOTDIR/)
    await assert.rejects(s.call(verb, 'away/tmp/x'), /a link on the way leads out/)
  })
})
