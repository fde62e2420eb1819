import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { drawGraph } from '../../../image/graph-svg.ts'
import { small, type Small } from '../build/small.ts'

describe('bt graph', () => {
  let s: Small
  before(() => {
    s = small(['a', 'b'])
    s.recipe('t', `kind: 'tool', steps: []`)
    s.recipe('a', `steps: c => [\`write $out/a \${c.profile}\`]`)
    s.recipe('b', `needs: c => (c.profile === 'dev' ? ['a'] : []), tools: ['t'], steps: []`)
    s.recipe('unneeded', 'steps: []')
  })
  after(() => s.end())

  it('names what the image is made of, in the order it is made, and what needs what', async () => {
    const { out, code } = await s.bt(['graph'])
    assert.deepEqual([code, out], [0, 'a\nt\nb <- a  (runs t)\nimage <- a, b\n'])
  })

  it('follows the variant', async () => {
    const { out } = await s.bt(['graph', '--release'])
    assert.equal(out, 'a\nt\nb  (runs t)\nimage <- a, b\n')
  })

  it('gives the same as JSON', async () => {
    const { board, recipes } = JSON.parse((await s.bt(['graph', '--json'])).out)
    assert.equal(board, 'qemu-x86_64')
    assert.deepEqual(
      recipes.map(({ name, kind, needs, tools }: Record<string, unknown>) => [
        name,
        kind,
        needs,
        tools,
      ]),
      [
        ['a', 'image', [], []],
        ['t', 'tool', [], []],
        ['b', 'image', ['a'], ['t']],
        ['image', 'part', ['a', 'b'], []],
      ],
    )
  })

  it('draws it: every recipe a box, every need an arrow, tools dashed; the same each time', async () => {
    const { out } = await s.bt(['graph', '--svg'])
    const svg = readFileSync(out.trim(), 'utf8')
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 [\d.]+ [\d.]+"/)
    assert.deepEqual(
      [...svg.matchAll(/<text [^>]*>(\w+)<\/text>/g)].map(m => m[1]),
      ['a', 't', 'b', 'image'],
    )
    assert.equal([...svg.matchAll(/<path d="M\d[^"]*" fill="none" stroke/g)].length, 4)
    assert.equal([...svg.matchAll(/stroke-dasharray/g)].length, 1)
    await s.bt(['graph', '--svg'])
    assert.equal(readFileSync(out.trim(), 'utf8'), svg)
  })

  it('refuses a board that is not there', async () => {
    const { code, out } = await s.bt(['graph', 'nothing', '--json'])
    assert.deepEqual([code, JSON.parse(out).error.code], [1, 'BOARD_UNKNOWN'])
  })
})

describe('the picture of a graph', () => {
  it('escapes what people wrote', () => {
    const svg = drawGraph([{ name: 'a', kind: 'part', needs: [], tools: [], about: '<b> & "c"' }])
    assert.match(svg, /<title>&lt;b&gt; &amp; "c"<\/title>/)
  })

  it('leaves out needs that are not drawn', () => {
    const box = { kind: 'part', tools: [], about: '' } as const
    const svg = drawGraph([
      { ...box, name: 'a', needs: [] },
      { ...box, name: 'b', needs: ['a'] },
    ])
    assert.equal([...svg.matchAll(/<path d="M\d[^"]*" fill="none"/g)].length, 1)
  })
})
