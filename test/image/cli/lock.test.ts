/** `bt lock` on a small checkout, against a mirror on the loopback. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Command, Values } from '../../../image/cli/command.ts'
import { checkout, type Checkout } from '../debian/checkout.ts'

describe('bt lock', () => {
  let place: Checkout
  let lock: Command
  const file = () => join(place.repo, 'recipes/debian.amd64.lock.json')
  const call = async (values: Values = {}, json = false) => {
    const [out, err]: [string[], string[]] = [[], []]
    const io = {
      out: (line: string) => void out.push(line),
      err: (line: string) => void err.push(line),
      tty: false,
      signal: new AbortController().signal,
    }
    const given = { arch: 'amd64', ...values }
    const code = await lock.run({ positionals: [], values: given, json, io })
    return { code, out, err }
  }
  before(async () => {
    place = await checkout()
    lock = (await import('../../../image/cli/lock.ts')).lock
  })
  after(() => place.end())

  it('locks for the first time', async () => {
    const shown = await call()
    assert.match(shown.err.join(), /4 of 4 packages would change, bt lock --update takes them/)
    assert.ok(!existsSync(file()))
    const { code, err } = await call({ update: true })
    assert.equal(code, 0)
    assert.match(err.join(), /recipes\/debian\.amd64\.lock\.json: 4 of 4 packages changed/)
    assert.ok(existsSync(file()))
    assert.match((await call()).err.join(), /all 4 packages are as the archive has them/)
  })

  it('shows what moved, and moves it only when asked to', async () => {
    const before = readFileSync(file(), 'utf8')
    place.site.later = true
    assert.deepEqual((await call()).out, ['libcommon 1.1-1 -> 1.2-1'])
    assert.equal(readFileSync(file(), 'utf8'), before)
    assert.deepEqual((await call({ update: true })).out, ['libcommon 1.1-1 -> 1.2-1'])
    assert.match(readFileSync(file(), 'utf8'), /libcommon_1\.2-1_amd64/)
    assert.deepEqual((await call({ update: true })).out, [])
  })

  it('says the same as JSON', async () => {
    place.site.later = false
    const { out } = await call({}, true)
    const { moved, packages, written } = JSON.parse(out.join('')) as Record<string, unknown>
    assert.deepEqual(moved, [{ name: 'libcommon', from: '1.2-1', to: '1.1-1' }])
    assert.deepEqual([packages, written], [4, false])
  })

  it('shows what recipes dropped, added and handed on', async () => {
    place.site.later = true
    rmSync(join(place.repo, 'recipes/high.ts'))
    place.recipe('more', `kind: 'tool', sources: [{ debian: ['either-two', 'libcommon'] }]`)
    const { out } = await call()
    assert.deepEqual(out, [
      'either-two 1 (new)',
      'alpha 1.0-1 (no longer needed)',
      'libpre 1~rc1+dfsg-1 (no longer needed)',
      'libcommon: also in more',
    ])
  })

  it('refuses recipes that ask for other packages in another profile', async () => {
    const fields = `sources: c => [{ debian: [c.profile === 'dev' ? 'extra' : 'beta'] }]`
    place.recipe('odd', fields)
    await assert.rejects(call(), {
      code: 'DEBIAN_UNRESOLVED',
      message: /recipe odd asks for other Debian packages for .*--dev than for .*--release/,
    })
  })
})
