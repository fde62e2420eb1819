import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { walk } from '../../../image/engine/tree.ts'
import { verb } from '../../../image/verbs/prune.ts'
import { steps, type Steps } from './call.ts'

describe('prune', () => {
  let s: Steps
  beforeEach(() => {
    s = steps()
    for (const path of [
      'usr/share/man/a.1',
      'usr/share/man/de/a.1',
      'usr/share/x',
      'usr/bin/.y',
      'etc/z',
    ]) {
      mkdirSync(dirname(s.at('t', path)), { recursive: true })
      writeFileSync(s.at('t', path), '')
    }
    mkdirSync(s.at('t/empty'))
    symlinkSync('/etc', s.at('t/link'))
  })
  afterEach(() => s.end())
  const left = () => walk(s.at('t')).map(({ path }) => path)

  it('removes what matches and the folders that this leaves empty, no others', async () => {
    assert.deepEqual(await s.call(verb, 't usr/share/man/**'), ['2 of 6 files removed'])
    assert.deepEqual(left(), [
      'empty',
      'etc',
      'etc/z',
      'link',
      'usr',
      'usr/bin',
      'usr/bin/.y',
      'usr/share',
      'usr/share/x',
    ])
  })

  it('removes hidden files and links, not what they lead to', async () => {
    await s.call(verb, 't usr/bin/* li{n,}k etc/*')
    assert.deepEqual(left(), [
      'empty',
      'usr',
      'usr/share',
      'usr/share/man',
      'usr/share/man/a.1',
      'usr/share/man/de',
      'usr/share/man/de/a.1',
      'usr/share/x',
    ])
  })

  it('takes a glob of --maybe that matches nothing, and no other', async () => {
    const done = await s.call(verb, 't etc/* --maybe none/** --maybe usr/bin/*')
    assert.deepEqual(done, ['2 of 6 files removed'])
    await assert.rejects(s.call(verb, 't none/** --maybe usr/**'), /none\/\*\* matches nothing/)
    await assert.rejects(s.call(verb, 't'), /found too few arguments/)
  })

  it('counts what two globs match once', async () => {
    assert.deepEqual(await s.call(verb, 't usr/share/** **/a.1'), ['3 of 6 files removed'])
  })

  it('refuses a glob that matches nothing, before it removes anything', async () => {
    await assert.rejects(
      async () => s.call(verb, 't etc/* usr/lib/**'),
      /usr\/lib\/\*\* matches nothing below t: remove it/,
    )
    await assert.rejects(async () => s.call(verb, 't empty'), /empty matches nothing/)
    assert.equal(left().length, 13)
  })

  it('refuses too few words', async () => {
    for (const line of ['', 't'])
      await assert.rejects(
        async () => s.call(verb, line),
        /found too few arguments, expected: prune FOLDER GLOB…/,
      )
  })
})
