import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { judge, row } from '../../../image/cli/bench-figure.ts'
import { bt, copyOfCheckout } from './checkout.ts'

describe('a figure', () => {
  const peer = (ratio: number) => ({ name: 'other', value: 10, ratio })
  const CASES: [object, boolean | undefined, RegExp][] = [
    [{}, undefined, /^ {2}speed +5 s$/],
    [{ target: 5 }, true, /target ≤ 5 {3}ok$/],
    [{ target: 4.99 }, false, /target ≤ 4\.99 {3}MISSED$/],
    [{ peer: peer(0.5) }, true, /0\.5× other \(10\), target ≤ 0\.5× {3}ok$/],
    [{ peer: peer(0.49) }, false, /MISSED$/],
    [{ target: 4, peer: peer(1) }, false, /MISSED$/],
    [{ value: NaN, target: 4 }, false, /MISSED$/],
  ]
  for (const [more, verdict, line] of CASES)
    it(`with ${JSON.stringify(more)} is judged`, () => {
      const figure = { name: 'speed', value: 5, unit: 's', ...more }
      assert.equal(judge(figure), verdict)
      assert.match(row(figure), line)
    })
})

describe('bt bench', () => {
  let repo: string
  let remove: () => void
  before(() => {
    ;({ repo, remove } = copyOfCheckout())
    mkdirSync(join(repo, 'test/bench'))
    const bench = (
      value: number,
    ) => `export const bench = { about: 'for a test', async run({ figure, say }) {
      say('measuring')
      figure({ name: 'time', value: ${value}, unit: 's', target: 2 })
    } }`
    writeFileSync(join(repo, 'test/bench/good.bench.ts'), bench(1))
    writeFileSync(join(repo, 'test/bench/bad.bench.ts'), bench(3))
  })
  after(() => remove())

  it('lists benches without running them', async () => {
    const { out, code } = await bt(['bench', '--list'], { repo })
    assert.deepEqual([code, out], [0, 'bad: for a test\ngood: for a test\n'])
  })

  it('prints figures and fails when one misses', async () => {
    const good = await bt(['bench', 'good'], { repo })
    assert.equal(good.code, 0)
    assert.match(good.out, /time +1 s {3}target ≤ 2 {3}ok\n$/)
    assert.equal(good.err, 'measuring\n')
    const all = await bt(['bench', '--json'], { repo })
    assert.equal(all.code, 1)
    assert.deepEqual(JSON.parse(all.out), [
      { bench: 'bad', name: 'time', value: 3, unit: 's', target: 2, ok: false },
      { bench: 'good', name: 'time', value: 1, unit: 's', target: 2, ok: true },
    ])
  })

  it('names the nearest bench', async () => {
    const { code, err } = await bt(['bench', 'goood'], { repo })
    assert.equal(code, 2)
    assert.match(err, /did you mean good\?/)
  })
})
