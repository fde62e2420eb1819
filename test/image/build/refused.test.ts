/** What a build says, and leaves, when recipes do not fit or a step fails. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { small, type Small } from './small.ts'

let s: Small
beforeEach(() => {
  s = small(['a', 'b'])
  s.recipe('a', `steps: ['write $out/a alpha']`)
  s.recipe('b', `steps: ['write $out/b beta']`)
})
afterEach(() => s.end())

/** Builds, which must fail; gives the error as `--json` tells it. */
async function failing(...args: string[]): Promise<{ code: string; message: string }> {
  const { code, out, err } = await s.bt(['build', '--json', ...args])
  assert.equal(code, 1, err)
  assert.doesNotMatch(err, /internal error/)
  return (JSON.parse(out) as { error: { code: string; message: string } }).error
}

describe('before anything runs, a build refuses', () => {
  const CASES: [string, () => void, string, RegExp][] = [
    ['an unknown field', () => s.recipe('a', `steps: [], stpes: []`), 'RECIPE_FIELD_UNKNOWN', /^recipes\/a\.ts: unknown field `stpes`, did you mean `steps`\?/],
    ['a step with a semicolon', () => s.recipe('a', `steps: ['true; false']`), 'RECIPE_STEP', /^recipes\/a\.ts: steps\[0\] `true; false` has `;`/],
    ['a licence that is none', () => s.recipe('a', `license: 'free', steps: []`), 'RECIPE_LICENSE', /^recipes\/a\.ts: `license` is free/],
    ['a need that is not there', () => s.recipe('a', `needs: ['bb'], steps: []`), 'RECIPE_NEED', /^recipes\/a\.ts: needs\[0\] is bb, and recipes\/bb\.ts does not exist; did you mean b\?$/],
    ['a tool that is none', () => s.recipe('a', `tools: ['b'], steps: []`), 'RECIPE_NEED', /^recipes\/a\.ts: tools\[0\] is b of kind image, expected a tool$/],
    ['a kernel that is not there', () => s.recipe('a', 'needs: c => [c.kernel], steps: []'), 'RECIPE_NEED', /needs\[0\] is linux/],
    ['a circle', () => (s.recipe('a', `needs: ['b'], steps: []`), s.recipe('b', `needs: ['a'], steps: []`)), 'GRAPH_CYCLE', /in a circle: a -> b -> a$/],
    ['a file that does not parse', () => s.file('recipes/a.ts', 'export default {'), 'RECIPE_BROKEN', /^recipes\/a\.ts does not load: /],
    ['a file that throws', () => s.file('recipes/a.ts', 'throw new Error("oops")'), 'RECIPE_BROKEN', /^recipes\/a\.ts does not load: oops$/],
    ['a file that exports nothing', () => s.file('recipes/a.ts', 'export const a = 1'), 'RECIPE_FIELD_TYPE', /^recipes\/a\.ts: exports undefined/],
    ['a board with overlaps', () => s.file('board/qemu-x86_64.ts', s.read('board/qemu-x86_64.ts').replace("label: 'root-b', size: 256", "label: 'root-b', size: 'rest'")), 'BOARD_PARTITIONS', /^board\/qemu-x86_64\.ts: disk\.partitions\[3\] root-b takes the rest and overlaps verity-b/],
    ['a board that does not load', () => s.file('board/qemu-x86_64.ts', 'nonsense('), 'RECIPE_BROKEN', /^board\/qemu-x86_64\.ts does not load/],
    ['sources that are not there', () => s.recipe('a', `sources: [{ files: ['none/**'] }], steps: []`), 'FILES_NO_MATCH', /^recipes\/a\.ts: sources: none\/\*\* matches no file/],
  ]
  for (const [what, break_, code, message] of CASES)
    it(what, async () => {
      break_()
      const error = await failing()
      assert.equal(error.code, code, error.message)
      assert.match(error.message, message)
    })

  it('a board that is not there, with the nearest', async () => {
    const error = await failing('qemu-x86')
    assert.deepEqual([error.code, /did you mean qemu-x86_64\?/.test(error.message)], ['BOARD_UNKNOWN', true])
  })

  it('a cache where steps could not name their folder', async () => {
    const { code, err } = await s.bt(['build'], { env: { BT_CACHE: `${s.cache} of mine` } })
    assert.deepEqual([code, /^bt: the cache can't lie in .* of mine: set BT_CACHE/.test(err)], [1, true])
  })
})

describe('a failing step', () => {
  it('is named with its recipe and what it said; others end, none begins, nothing stays', async () => {
    s.recipe('a', `steps: ['write $work/x', '/bin/sh -c "echo no such luck >&2; exit 7"', 'write $out/a']`)
    const { code, out, err } = await s.bt(['build'])
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, /^bt: recipes\/a\.ts: `\/bin\/sh -c "echo no such luck >&2; exit 7"` failed: no such luck$/m)
    assert.match(err, /^failed a /m)
    assert.doesNotMatch(err, /^ok image /m)
    assert.deepEqual(s.work(), [])
    s.recipe('a', `steps: ['write $out/a fixed']`)
    const { image, cached } = await s.build()
    assert.equal(readFileSync(image, 'utf8'), 'fixed\nbeta\n')
    assert.ok(cached <= 1)
  })

  it('fails again the next time: a failure is never kept', async () => {
    s.recipe('a', `steps: ['false']`)
    for (let i = 0; i < 2; i++) assert.match((await failing()).message, /`false` failed/)
  })

  it('may be a check', async () => {
    s.recipe('a', `steps: ['write $out/a'], check: ['rm $out/none']`)
    const error = await failing()
    assert.equal(error.code, 'STEP_FAILED')
    assert.match(error.message, /^recipes\/a\.ts: `rm \$out\/none` failed: rm: .*none does not exist/)
  })

  it('may be one that ends the process it runs in', async () => {
    s.recipe('a', `steps: ["/bin/sh -c 'kill -9 $PPID'"]`)
    const error = await failing()
    assert.equal(error.code, 'STEP_ENDED')
    assert.match(error.message, /^recipes\/a\.ts: the process of its steps ended with SIGKILL/)
  })

  it('may be a merge of two recipes that ship one path, and names both', async () => {
    s.recipe('a', `steps: ['write $out/etc/conf one'], ships: ['etc/conf']`)
    s.recipe('b', `steps: ['write $out/etc/conf two'], ships: ['etc/conf']`)
    s.recipe('image', `needs: ['a', 'b'], steps: ['merge $in/a $in/b $out'], ships: ['**']`)
    assert.match((await failing()).message, /^recipes\/image\.ts: .*etc\/conf is shipped by a and, differently, by b: drop one$/)
  })

  it('may be one that writes into what it only reads', async () => {
    // Verbs refuse to; a program can.
    s.recipe('b', `needs: ['a'], steps: ['/bin/mv $in/a/a $out/b']`)
    const error = await failing()
    assert.equal(error.code, 'BUILD_NEED_HARMED')
    assert.match(error.message, /^recipes\/b\.ts: its steps changed \$in\/a, which is only to be read/)
    s.recipe('b', `needs: ['a'], steps: ['install 0644 $in/a/a $out/b']`)
    assert.equal(readFileSync((await s.build()).image, 'utf8'), 'alpha\nalpha\n')
  })

  it('is not one that ships something else than it made', async () => {
    s.recipe('a', `steps: ['write $out/a', 'write $out/more']`)
    assert.match((await failing()).message, /^recipes\/a\.ts: `ships` failed: the steps made more, which `ships` does not name/)
    s.recipe('a', `steps: ['write $out/a'], ships: ['a', 'more']`)
    assert.match((await failing()).message, /ships more, but the steps made no such file; they made a$/)
  })

  it('keeps what others made meanwhile', async () => {
    s.recipe('a', `steps: ['/bin/sleep 0.5', 'false']`)
    await failing('-j', '2')
    s.recipe('a', `steps: ['write $out/a']`)
    const { err } = await s.build()
    assert.match(err, /^ok a /m)
    assert.doesNotMatch(err, /^ok b (?!.*cached)/m)
  })
})
