/** `bt shell` with a line to run: it sees what the steps would, and nothing of it stays. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { small, type Small } from './small.ts'

describe('bt shell --command', () => {
  let s: Small
  beforeEach(() => {
    s = small(['b'])
    s.file('data/a.txt', 'alpha\n')
    s.recipe(
      'a',
      `sources: [{ files: ['data/**'] }], steps: ['install 0644 $src/data/a.txt $out/a']`,
    )
    s.recipe('b', `needs: ['a'], steps: ['install 0644 $in/a/a $out/b']`)
  })
  afterEach(() => s.end())

  it('has needs, sources and folders where steps have them', async () => {
    const needs = await s.bt(['shell', 'b', '--command', 'cat $in/a/a; ls $out; pwd'])
    assert.equal(needs.code, 0, needs.err)
    assert.match(needs.out, /^alpha\n\/.*\/work\n$/)
    const sources = await s.bt(['shell', 'a', '-c', 'cat $src/data/a.txt'])
    assert.deepEqual([sources.code, sources.out], [0, 'alpha\n'])
  })

  it('fails when the line fails, and leaves no folder behind', async () => {
    assert.equal((await s.bt(['shell', 'b', '--command', 'exit 3'])).code, 1)
    assert.deepEqual(s.work(), [])
  })
})
