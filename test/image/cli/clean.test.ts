import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { small, type Small } from '../build/small.ts'

describe('bt clean', () => {
  let s: Small
  before(() => {
    s = small(['a'])
    s.recipe('a', `steps: ['write $out/a one']`)
  })
  after(() => s.end())

  it('of nothing removes nothing', async () => {
    const { code, out } = await s.bt(['clean'])
    assert.deepEqual([code, out], [0, '0 things removed, 0 B freed, 0 B kept\n'])
  })

  it('keeps what the last build made, and forgets what came before', async () => {
    await s.build()
    s.recipe('a', `steps: ['write $out/a two']`)
    const { image } = await s.build()
    const { before, after, removed } = JSON.parse(
      (await s.bt(['clean', '--keep', '0', '--json'])).out,
    )
    assert.deepEqual([removed, after < before], [2, true])
    assert.equal(readFileSync(image, 'utf8'), 'two\n')
    assert.match((await s.bt(['build'])).err, /nothing to do/)
  })

  it('does nothing but say why while a build runs', async () => {
    s.recipe('a', `steps: ['/bin/sleep 3', 'write $out/a three']`)
    const marks = readdirSync(join(s.cache, 'trees'))
    const building = s.bt(['build'], {
      started: () => {},
    })
    while (readdirSync(join(s.cache, 'leases')).length === 0)
      await new Promise(done => setTimeout(done, 20))
    const { code, err, out } = await s.bt(['clean', '--all', '--json'])
    assert.equal(code, 1)
    assert.match(err, /^bt: a build \(process \d+\) uses the cache: try again when it is done\n$/)
    assert.equal(JSON.parse(out).error.code, 'GC_BUSY')
    assert.deepEqual(
      marks.filter(name => !existsSync(join(s.cache, 'trees', name))),
      [],
    )
    assert.ok(existsSync(join(s.repo, 'build/state')))
    assert.equal((await building).code, 0)
  })

  it('of everything empties the cache and the build folder', async () => {
    const { out } = await s.bt(['clean', '--all'])
    assert.match(out, /, 0 B kept\n$/)
    assert.equal(existsSync(join(s.repo, 'build')), false)
    assert.deepEqual(readdirSync(join(s.cache, 'trees')), [])
    assert.equal((await s.build()).cached, 0)
  })
})
