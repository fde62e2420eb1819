import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { small, type Small } from '../build/small.ts'

describe('bt why', () => {
  let s: Small
  before(() => {
    s = small(['a', 'b'])
    s.file('data/x', 'one')
    s.recipe('a', `sources: [{ files: ['data/*'] }], steps: ['install 0644 $src/data/x $out/a']`)
    s.recipe('b', `needs: ['a'], steps: ['install 0644 $in/a/a $out/b']`)
  })
  after(() => s.end())
  const why = async (recipe: string) => {
    const { code, out } = await s.bt(['why', recipe])
    assert.equal(code, 0)
    return out
  }
  const changed = async (recipe: string) =>
    (JSON.parse((await s.bt(['why', recipe, '--json'])).out) as { changed: { part: string }[] })
      .changed

  it('knows nothing of what was never built, and says what to do', async () => {
    const { code, out, err } = await s.bt(['why', 'a', '--json'])
    assert.deepEqual([code, err], [1, 'bt: a was not built in this checkout yet: bt build\n'])
    assert.equal(JSON.parse(out).error.code, 'WHY_NOT_BUILT')
  })

  it('has nothing to compare after one build', async () => {
    await s.build()
    await s.build()
    assert.match(await why('a'), /^a was built once in this checkout: nothing to compare\n$/)
    assert.deepEqual(await changed('a'), [])
  })

  it('names the source that changed, before and now, and the tree that did so with it', async () => {
    s.file('data/x', 'two')
    await s.build()
    assert.match(
      await why('a'),
      /^source data\/x\n {2}- sha256:[0-9a-f]{64}\n {2}\+ sha256:[0-9a-f]{64}\n$/,
    )
    assert.match(await why('b'), /^need a\n {2}- [0-9a-f]{64}\/\d+\n {2}\+ [0-9a-f]{64}\/\d+\n$/)
    assert.deepEqual(
      (await changed('image')).map(({ part }) => part),
      ['need a', 'need b'],
    )
  })

  it('keeps saying so while nothing else changes, whatever is built meanwhile', async () => {
    const before = await why('a')
    await s.build()
    await s.build('--release')
    assert.equal(await why('a'), before)
  })

  it('names steps and verbs that came and went', async () => {
    s.recipe(
      'b',
      `needs: ['a'], steps: ['merge $in/a $work/all', 'install 0644 $work/all/a $out/b']`,
    )
    await s.build()
    const parts = await changed('b')
    assert.deepEqual(
      parts.map(({ part }) => part),
      ['step 1', 'step 2', 'verb merge'],
    )
    assert.match(
      await why('b'),
      /step 2\n {2}- \(not there\)\n {2}\+ install 0644 \$work\/all\/a \$out\/b\n/,
    )
    s.recipe('b', `needs: ['a'], steps: ['install 0644 $in/a/a $out/b']`)
    await s.build()
    assert.match(await why('b'), /verb merge\n {2}- [0-9a-f]{64}\n {2}\+ \(gone\)\n/)
  })

  it('names the nearest recipe', async () => {
    const { code, err } = await s.bt(['why', 'imgae'])
    assert.deepEqual([code, err], [2, 'bt: there is no recipe imgae, did you mean image?\n'])
  })
})
