/** `bt new recipe`, and the way that docs/write-a-recipe.md goes on from there. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { small, type Small } from '../build/small.ts'

describe('bt new recipe', () => {
  let s: Small
  before(() => {
    s = small(['base'])
    s.recipe('base', `steps: ['write $out/base']`)
  })
  after(() => s.end())

  it('writes a recipe that loads, builds alone, and gets into the image once it is named', async () => {
    const { code, out } = await s.bt(['new', 'recipe', 'hello'])
    assert.equal(code, 0)
    assert.match(out, /^recipes\/hello\.ts\nadd 'hello' to `parts` in recipes\/root\.ts/)
    const goal = await s.bt(['build', '--goal', 'hello'])
    const file = 'usr/share/hello/hello'
    assert.equal(readFileSync(join(goal.out.trim(), file), 'utf8'), 'hello from hello\n')
    await s.build()
    s.recipe(
      'image',
      `needs: ['base', 'hello'], steps: ['install 0644 $in/hello/${file} $out/blocktree.img'], ships: ['blocktree.img']`,
    )
    const { image, tasks, cached } = await s.build()
    assert.equal(readFileSync(image, 'utf8'), 'hello from hello\n')
    assert.deepEqual([tasks, cached], [3, 2])
    assert.match((await s.bt(['why', 'image'])).out, /^need hello$/m)
    const shell = await s.bt([
      'shell',
      'hello',
      '--command',
      'step all && cat $out/usr/share/hello/hello',
    ])
    assert.match(shell.out, /\nhello from hello\n$/)
  })

  it('never overwrites one', async () => {
    const before = s.read('recipes/base.ts')
    const { code, out, err } = await s.bt(['new', 'recipe', 'base', '--json'])
    assert.deepEqual([code, err], [1, 'bt: recipes/base.ts exists already: choose another name\n'])
    assert.equal(JSON.parse(out).error.code, 'NEW_EXISTS')
    assert.equal(s.read('recipes/base.ts'), before)
  })

  it('refuses names that a recipe cannot have, and other things to make', async () => {
    for (const name of ['Hello', 'a b', '-a', '../x', 'recipe', 'a.b', 'ä', ''])
      assert.equal((await s.bt(['new', 'recipe', name])).code, 2, name)
    assert.match(
      (await s.bt(['new', 'board', 'x'])).err,
      /bt new makes a recipe, not a board: bt new recipe NAME/,
    )
    assert.equal(existsSync(join(s.repo, 'x.ts')), false)
  })

  it('prints the file as JSON', async () => {
    const { out } = await s.bt(['new', 'recipe', 'more-0', '--json'])
    assert.deepEqual(JSON.parse(out), { file: 'recipes/more-0.ts' })
    assert.ok(existsSync(join(s.repo, 'recipes/more-0.ts')))
  })
})
