/** The locks of a build, while the archive moves on beneath it. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { Source } from '../../../recipes/recipe.ts'
import type { Locks as LocksClass } from '../../../image/engine/locks.ts'
import type { EvaluatedRecipe } from '../../../image/recipe/check.ts'
import { checkout, type Checkout } from '../debian/checkout.ts'

const asking = (name: string, sources: Source[], more: Partial<EvaluatedRecipe> = {}) =>
  [
    name,
    {
      ...{ name, about: '', version: '', license: '', kind: 'image', needs: [], tools: [] },
      ...{ steps: [], ships: [], check: [], file: `recipes/${name}.ts`, sources },
      ...more,
    } as EvaluatedRecipe,
  ] as const

const RECIPES = new Map([
  asking('low', [{ debian: ['libcommon'] }]),
  asking('high', [{ debian: ['alpha'] }], { needs: ['low'] }),
  asking('tool', [{ debian: ['either-one'] }], { kind: 'tool' }),
])

describe('locks of a build', () => {
  let place: Checkout
  let Locks: typeof LocksClass
  const host = process.arch === 'arm64' ? 'arm64' : 'amd64'
  const other = host === 'amd64' ? 'arm64' : 'amd64'
  const file = (arch: string = host) => join(place.repo, `recipes/debian.${arch}.lock.json`)
  let said: string[]
  const open = (recipes = RECIPES, locked = false, target: 'amd64' | 'arm64' = host) =>
    Locks.open(recipes, target, { locked, line: text => void said.push(text) })
  const version = (locks: LocksClass) =>
    locks.of(RECIPES.get('low')!).packages.get('libcommon')!.version

  before(async () => {
    place = await checkout()
    Locks = (await import('../../../image/engine/locks.ts')).Locks
  })
  beforeEach(() => {
    said = []
    place.site.later = false
    for (const arch of [host, other]) rmSync(file(arch), { force: true })
  })
  after(() => place.end())

  it('are written when there are none, and then simply read', async () => {
    await open()
    assert.deepEqual(said, ['locking Debian packages for all recipes'])
    const text = readFileSync(file(), 'utf8')
    place.site.faults.set('', 'gone')
    assert.equal(version(await open()), '1.1-1')
    assert.deepEqual([said.length, readFileSync(file(), 'utf8')], [1, text])
    place.site.faults.clear()
  })

  it('follow the recipes, or refuse to', async () => {
    await open()
    const recipes = new Map([...RECIPES, asking('more', [{ debian: ['extra'] }])])
    await assert.rejects(open(recipes, true), { code: 'LOCK_STALE', message: /does not fit more/ })
    assert.doesNotMatch(readFileSync(file(), 'utf8'), /"extra"/)
    await open(recipes)
    assert.deepEqual(said.slice(1), ['locking Debian packages for more'])
    assert.match(readFileSync(file(), 'utf8'), /^ {4}"extra"/m)
  })

  it('move what the archive no longer has, once, and say so in a line', async () => {
    const locks = await open()
    place.site.later = true
    const gone = [locks.of(RECIPES.get('low')!).packages.get('libcommon')!]
    await Promise.all([locks.move(host, gone), locks.move(host, gone), locks.move(host, gone)])
    assert.equal(version(locks), '1.2-1')
    assert.deepEqual(said.slice(1), [
      'the archive no longer has libcommon as locked, now: libcommon 1.1-1 -> 1.2-1',
    ])
    assert.equal(version(await open(RECIPES, true)), '1.2-1')
  })

  it('are moved by fetching, which has the sources evaluated again', async () => {
    const locks = await open()
    const low = RECIPES.get('low')!
    const { sourceFiles } = await import('../../../image/engine/sources.ts')
    const { fetchSources } = await import('../../../image/engine/fetch.ts')
    const fetch = () =>
      fetchSources(sourceFiles(low, locks.of(low)), host, locks, new AbortController().signal)
    place.site.later = true
    await assert.rejects(fetch(), { code: 'LOCK_MOVED' })
    assert.equal(version(locks), '1.2-1')
    assert.equal((await fetch()).size, 1)
  })

  it('refuse to move under --locked, with the versions wanted and available', async () => {
    await open()
    const locks = await open(RECIPES, true)
    const text = readFileSync(file(), 'utf8')
    place.site.later = true
    const libcommon = locks.of(RECIPES.get('low')!).packages.get('libcommon')!
    await assert.rejects(locks.move(host, [libcommon]), {
      code: 'LOCK_GONE',
      message: /no longer has libcommon 1\.1-1 \(but 1\.2-1\): run bt lock --update/,
    })
    assert.equal(readFileSync(file(), 'utf8'), text)
  })

  it("leave the image's part of the builder's lock alone when the target is another", async () => {
    await open()
    const before = readFileSync(file(), 'utf8')
    // `high` asks for more on the other architecture only.
    const crossed = new Map([
      ...RECIPES,
      asking('high', [{ debian: ['alpha', 'extra'] }], { needs: ['low'] }),
    ])
    // The small archive has programs for one architecture only; libraries for all.
    const small = new Map([...crossed].filter(([name]) => name === 'tool'))
    const locks = await open(small, false, other)
    assert.equal(readFileSync(file(), 'utf8'), before)
    assert.equal(locks.of(small.get('tool')!).arch, host)
    assert.ok(existsSync(file(other)))
  })

  it('are refused when they were tampered with', async () => {
    await open()
    writeFileSync(file(), readFileSync(file(), 'utf8').replace('"format": 1', '"format": 9'))
    await assert.rejects(open(), { code: 'DEBIAN_BAD_LOCK', message: /debian\..*\.lock\.json/ })
  })
})
