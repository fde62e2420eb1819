import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Cache } from '../../../image/engine/cache.ts'
import { writeAtomic } from '../../../image/engine/atomic.ts'
import { collect } from '../../../image/engine/gc.ts'
import { takeLease } from '../../../image/engine/lease.ts'
import { scan } from '../../../image/engine/tree.ts'
import { folder, type Folder } from './folder.ts'

const KIB = 1024
const key = (name: string) => Buffer.from(name).toString('hex').padEnd(64, '0')

describe('garbage collection', () => {
  let here: Folder
  let cache: Cache
  beforeEach(() => {
    here = folder()
    cache = new Cache(here.at('cache'))
  })
  afterEach(() => here.end())

  /** Stores a tree of so many KiB, last used so many hours ago. */
  function stored(name: string, kib: number, hours: number) {
    here.file(`${name}/data`, name.padEnd(kib * KIB, '.'))
    const { tree } = cache.store(
      key(name),
      here.at(name),
      { recipe: name, seconds: 0 },
      scan(here.at(name)),
    )
    aged(`${cache.tree(tree)}.json`, hours)
    return tree
  }
  function aged(path: string, hours: number) {
    const when = new Date(Date.now() - hours * 3_600_000)
    utimesSync(path, when, when)
  }
  const has = (name: string) => new Cache(cache.folder).lookup(key(name)) !== undefined

  it('removes nothing while everything fits', () => {
    stored('a', 64, 5)
    const { before, after, removed } = collect(cache.folder, 100 * KIB)
    assert.deepEqual([removed, before, has('a')], [0, after, true])
    assert.ok(before >= 64 * KIB, `${before} bytes`)
  })

  it('removes what was not used for longest, until the rest fits', () => {
    stored('old', 64, 30)
    stored('older', 64, 40)
    stored('new', 64, 1)
    const { before, after, removed } = collect(cache.folder, 150 * KIB)
    assert.deepEqual([has('older'), has('old'), has('new'), removed], [false, true, true, 1])
    assert.ok(after <= 150 * KIB && before - after >= 64 * KIB, `${before} -> ${after}`)
  })

  it('goes by use, not by age', () => {
    stored('early', 64, 40)
    stored('late', 64, 30)
    assert.ok(has('early'))
    collect(cache.folder, 100 * KIB)
    assert.deepEqual([has('early'), has('late')], [true, false])
  })

  it('keeps what published results consist of, whatever the limit', () => {
    const tree = stored('live', 64, 50)
    stored('dead', 64, 1)
    mkdirSync(here.at('build'))
    writeAtomic(
      here.at('cache/roots/x.json'),
      JSON.stringify({ folder: here.at('build'), trees: [tree] }),
    )
    assert.equal(collect(cache.folder, 0).removed, 1)
    assert.deepEqual([has('live'), has('dead')], [true, false])
  })

  it('does not keep what a deleted checkout published, nor trust a broken note', () => {
    const tree = stored('gone', 64, 1)
    writeAtomic(
      here.at('cache/roots/x.json'),
      JSON.stringify({ folder: here.at('no'), trees: [tree] }),
    )
    writeAtomic(here.at('cache/roots/y.json'), '{"folder":')
    collect(cache.folder, 0)
    assert.equal(has('gone'), false)
    assert.deepEqual(readdirSync(here.at('cache/roots')), [])
  })

  it('takes downloads by their age too', () => {
    aged(here.file('cache/downloads/sha256/aa', 'x'.repeat(64 * KIB)), 50)
    aged(here.file('cache/downloads/sha512/bb', 'x'.repeat(64 * KIB)), 20)
    here.file('cache/downloads/npm-AbCdEf/half')
    stored('tree', 64, 30)
    collect(cache.folder, 140 * KIB)
    assert.deepEqual(readdirSync(here.at('cache/downloads')).sort(), [
      'partial',
      'sha256',
      'sha512',
    ])
    assert.equal(existsSync(here.at('cache/downloads/sha256/aa')), false)
    assert.deepEqual(
      [statSync(here.at('cache/downloads/sha512/bb')).size, has('tree')],
      [64 * KIB, true],
    )
  })

  it('removes what is lost without its tree: results, records, wrappers of tools', () => {
    const tree = stored('a', 4, 50).split('/')[0]!
    const kept = stored('b', 4, 1).split('/')[0]!
    here.file(`cache/tools/${tree}/ls`)
    here.file(`cache/tools/${kept}/ls`)
    here.file(`cache/trees/${'0'.repeat(64)}.json`)
    collect(cache.folder, 6 * KIB)
    assert.deepEqual(readdirSync(here.at('cache/tools')), [kept])
    assert.deepEqual(readdirSync(here.at('cache/trees')).sort(), [kept, `${kept}.json`].sort())
    const actions = readdirSync(here.at('cache/actions'), { recursive: true }).filter(n =>
      String(n).endsWith('.json'),
    )
    assert.deepEqual(actions, [`${key('b').slice(0, 2)}/${key('b')}.json`])
  })

  it('counts and removes trees that a killed process left without a record', () => {
    here.file('cache/trees/' + 'f'.repeat(64) + '/half', 'x'.repeat(64 * KIB))
    stored('a', 64, 50)
    assert.equal(collect(cache.folder, 100 * KIB).removed, 1)
    assert.equal(has('a'), true)
  })

  it('removes what killed processes left half-written', () => {
    const tree = stored('a', 4, 1).split('/')[0]!
    const half = ['trees', 'actions/aa', 'roots'].map(f =>
      here.file(`cache/${f}/x.json.1.part`, '{}'),
    )
    half.push(here.file(`cache/trees/${tree}.json.b5.part`, '{"entries":['))
    half.push(here.at('cache/tools', `${'d'.repeat(64)}.12-3`))
    mkdirSync(half.at(-1)!, { recursive: true })
    assert.equal(collect(cache.folder, 2 ** 30).removed, 0)
    assert.deepEqual(half.filter(existsSync), [])
    assert.ok(has('a'))
  })

  it('of everything leaves nothing', () => {
    const tree = stored('live', 64, 1)
    mkdirSync(here.at('build'))
    writeAtomic(
      here.at('cache/roots/x.json'),
      JSON.stringify({ folder: here.at('build'), trees: [tree] }),
    )
    assert.equal(collect(cache.folder, 0, true).after, 0)
    assert.deepEqual(readdirSync(here.at('cache/trees')), [])
  })

  it('refuses while a build runs, and removes nothing', async () => {
    stored('a', 64, 50)
    const lease = await takeLease(cache.folder)
    assert.throws(() => collect(cache.folder, 0), {
      code: 'GC_BUSY',
      message: new RegExp(`process ${process.pid}\\b.*try again`),
    })
    assert.equal(has('a'), true)
    lease.release()
    collect(cache.folder, 0)
    assert.equal(has('a'), false)
    assert.deepEqual(readdirSync(here.at('cache/leases')), [])
  })

  it('works on a cache that is not there yet', () => {
    assert.deepEqual(collect(here.at('none'), 0), { before: 0, after: 0, removed: 0 })
  })
})
