/** The command line of `bt build`; what builds do is in test/image/build. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { summaryLine } from '../../../image/cli/build-summary.ts'
import { small, type Small } from '../build/small.ts'

describe('bt build', () => {
  let s: Small
  before(() => {
    s = small(['a'])
    s.recipe('a', `steps: ['write $out/a one']`)
  })
  after(() => s.end())

  it('prints the path of the image alone on standard output, all else beside it', async () => {
    const { code, out, err } = await s.bt(['build', 'qemu-x86_64', '-j', '1'])
    assert.equal(code, 0)
    assert.match(out, /^\/[^\n]*\/build\/qemu-x86_64\/dev-\d+\.\d+\.\d+\/blocktree\.img\n$/)
    assert.match(err, /^ok a [^]*\nqemu-x86_64: 2 of 2 recipes made, 0 cached, \d+\.\d s, 4 B\n$/)
  })

  it('prints one line of JSON, the same with and without something to do', async () => {
    const fields = ['board', 'cached', 'image', 'imageBytes', 'seconds', 'tasks', 'version']
    for (const { out } of [
      await s.bt(['build', '--json', '--release']),
      await s.bt(['build', '--json', '--release']),
    ]) {
      assert.equal(out.trimEnd().includes('\n'), false)
      assert.deepEqual(Object.keys(JSON.parse(out)).sort(), fields)
    }
  })

  const WRONG: [string[], RegExp][] = [
    [['--dev', '--release'], /exclude each other/],
    [['-j', '0'], /--jobs takes 1 or more, not 0/],
    [['-j', 'many'], /a whole number/],
    [['one', 'two'], /one too many/],
    [['--lokced'], /did you mean --locked\?/],
  ]
  for (const [args, message] of WRONG)
    it(`refuses ${args.join(' ')} as a wrong command line`, async () => {
      const { code, err } = await s.bt(['build', ...args])
      assert.equal(code, 2)
      assert.match(err, message)
    })
})

describe('the summary of a build', () => {
  const base = { board: 'b', version: '1.0.0', image: '/i', imageBytes: 690_000_000, seconds: 8.04 }
  it('says what was made, or that nothing was', () => {
    assert.equal(
      summaryLine({ ...base, tasks: 14, cached: 11 }),
      'b: 3 of 14 recipes made, 11 cached, 8.0 s, 690.0 MB',
    )
    assert.equal(
      summaryLine({ ...base, tasks: 14, cached: 14 }),
      'b: nothing to do, 14 cached, 8.0 s, 690.0 MB',
    )
  })
})
