/** Locks made by apt from the small archive: closures, what is left out, what is kept. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Source } from '../../../recipes/recipe.ts'
import type { Apt } from '../../../image/debian/apt.ts'
import { changeLines, lockChanges } from '../../../image/debian/changes.ts'
import { lockInputs, staleRecipes, type Asking } from '../../../image/debian/inputs.ts'
import { formatLock, packagesOf, type Lock } from '../../../image/debian/lock.ts'
import { relock } from '../../../image/debian/relock.ts'
import { mirror, type Mirror } from './mirror.ts'

const ask = (
  name: string,
  debian: string[],
  more: Partial<Asking> & { only?: string[]; without?: string[] } = {},
): Asking => {
  const { only, without, ...rest } = more
  const source: Source = { debian, ...(only && { only }), ...(without && { without }) }
  return { name, kind: 'image', needs: [], sources: debian.length > 0 ? [source] : [], ...rest }
}

describe('lock made by apt', () => {
  let site: Mirror
  let apt: Apt
  const make = (recipes: Asking[], keep?: Lock) =>
    relock(apt, lockInputs(recipes), keep ? { keep } : {})
  const names = (lock: Lock, recipe: string) => packagesOf(lock, recipe).map(({ name }) => name)
  before(async () => {
    site = await mirror()
    apt = await site.apt()
    await apt.update()
  })
  after(() => site.end())

  it('holds the closure without recommendations, with the newest versions', async () => {
    const lock = await make([ask('one', ['alpha'])])
    assert.deepEqual(names(lock, 'one'), ['alpha', 'libcommon', 'libpre'])
    assert.equal(lock.packages.get('libcommon')!.version, '1.1-1')
    assert.equal(lock.packages.get('libcommon')!.archive, 'debian-security')
  })

  it('names sources, epochs and paths as the archive has them', async () => {
    const lock = await make([ask('two', ['beta'])])
    const { sha256, size, ...beta } = lock.packages.get('beta')!
    assert.deepEqual(beta, {
      name: 'beta',
      version: '1:2.0-1+b1',
      source: 'beta-source',
      sourceVersion: '1:2.0-1',
      archive: 'debian',
      path: 'pool/main/beta/beta_2.0-1+b1_amd64.deb',
      recipes: ['two'],
    })
    const bytes = site.read(`debian/${beta.path}`)
    assert.equal(size, bytes.length)
    assert.equal(sha256, (await import('node:crypto')).hash('sha256', bytes))
  })

  it('leaves out what the recipes below carry, through any number of levels', async () => {
    const lock = await make([
      ask('low', ['libcommon']),
      ask('between', [], { needs: ['low'] }),
      ask('high', ['alpha'], { needs: ['between'] }),
    ])
    assert.deepEqual(names(lock, 'low'), ['libcommon'])
    assert.deepEqual(names(lock, 'high'), ['alpha', 'libpre'])
  })

  it('takes the alternative that a recipe below already carries', async () => {
    const lock = await make([
      ask('low', ['either-two', 'libcommon']),
      ask('high', ['beta'], { needs: ['low'] }),
    ])
    assert.deepEqual(names(lock, 'high'), ['beta'])
  })

  it('drops `without` here and above, and keeps `only` what is asked for', async () => {
    const lock = await make([
      ask('low', ['alpha'], { without: ['libpre', 'libcom*'] }),
      ask('high', ['beta'], { needs: ['low'] }),
      ask('piece', ['beta'], { kind: 'part', only: ['either-*'] }),
    ])
    assert.deepEqual(names(lock, 'low'), ['alpha'])
    assert.deepEqual(names(lock, 'high'), ['beta', 'either-one'])
    assert.deepEqual(names(lock, 'piece'), ['either-one'])
  })

  it('refuses one package in two recipes of the image, and says what to do', async () => {
    await assert.rejects(make([ask('a', ['alpha']), ask('b', ['beta'])]), {
      code: 'DEBIAN_SHARED_PACKAGE',
      message: /recipes a and b would both carry libcommon: .*needs: \['a'\] in recipes\/b\.ts/,
    })
  })

  it('lets tools carry what the image carries: they are worlds of their own', async () => {
    const tool = ask('tool', ['alpha'], { kind: 'tool', needs: ['one'] })
    const lock = await make([ask('one', ['alpha']), tool])
    assert.deepEqual(names(lock, 'tool'), names(lock, 'one'))
  })

  it('names the recipe that asks for what does not exist', async () => {
    await assert.rejects(make([ask('one', ['alhpa'])]), {
      code: 'DEBIAN_UNRESOLVED',
      message: /recipe one names alhpa: Debian has no such package/,
    })
    await assert.rejects(make([ask('one', ['stuck'])]), {
      code: 'DEBIAN_UNRESOLVED',
      message: /recipe one: apt finds no set[^]*not-there/,
    })
    const twice = { ...ask('one', ['alpha']), sources: [{ debian: ['a'] }, { debian: ['b'] }] }
    assert.throws(() => lockInputs([twice]), { code: 'DEBIAN_UNRESOLVED' })
  })

  it('is the same bytes however often and in whatever order', async () => {
    const recipes = [ask('low', ['libcommon']), ask('high', ['beta', 'alpha'], { needs: ['low'] })]
    const first = formatLock(await make(recipes))
    const turned = [ask('high', ['alpha', 'beta'], { needs: ['low'] }), recipes[0]!]
    assert.equal(formatLock(await make(turned)), first)
  })

  it('keeps locked versions that the archive still has, and moves the others', async () => {
    const old = await make([ask('low', ['libcommon', 'libpre'])])
    const held = old.packages.get('libcommon')!
    const older: Lock = {
      ...old,
      packages: new Map(old.packages).set('libcommon', { ...held, version: '1.0-1' }),
    }
    const recipes = [ask('low', ['alpha'])]
    const kept = await make(recipes, older)
    assert.equal(kept.packages.get('libcommon')!.version, '1.0-1')
    assert.equal(kept.packages.get('libcommon')!.archive, 'debian')
    site.later = true
    await apt.update()
    try {
      const moved = await make(recipes, old)
      assert.deepEqual(changeLines(lockChanges(old, moved)), [
        'libcommon 1.1-1 -> 1.2-1',
        'alpha 1.0-1 (new)',
      ])
      assert.deepEqual(changeLines(lockChanges(moved, old)).slice(1), [
        'alpha 1.0-1 (no longer needed)',
      ])
    } finally {
      site.later = false
      await apt.update()
    }
  })

  it('resolves the other architecture by the same code', async () => {
    const arm = await site.apt('arm64')
    await arm.update()
    const lock = await relock(arm, lockInputs([ask('one', ['either-one'])]))
    assert.equal(lock.arch, 'arm64')
    assert.deepEqual(names(lock, 'one'), ['either-one'])
  })

  it('is stale as soon as a recipe asks for something else', async () => {
    const low = ask('low', ['libcommon'])
    const high = ask('high', ['alpha'], { needs: ['low'] })
    const lock = await make([low, high])
    const stale = (...recipes: Asking[]) => staleRecipes(lock, lockInputs(recipes))
    assert.deepEqual(stale(low, high), [])
    assert.deepEqual(stale(low, ask('high', ['alpha', 'extra'], { needs: ['low'] })), ['high'])
    assert.deepEqual(stale(low, { ...high, needs: [] }), ['high'])
    assert.deepEqual(stale(low, { ...high, kind: 'tool' }), ['high'])
    assert.deepEqual(stale(low, high, ask('new', ['extra'])), ['new'])
  })
})
