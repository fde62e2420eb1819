import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Manifest } from '../../../image/disk/manifest.ts'
import { drawTreemap } from '../../../image/disk/treemap.ts'
import { AFTER, BEFORE, file } from './manifests.ts'

/** Rectangles of the drawing, but the background. */
function rectangles(svg: string) {
  return [...svg.matchAll(/<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"/g)].map(match => {
    const [x, y, w, h] = match.slice(1).map(Number) as [number, number, number, number]
    return { x, y, w, h }
  })
}

describe('treemap', () => {
  it('is the same for the same manifest, whatever the order of its files', () => {
    const shuffled = { ...BEFORE, files: BEFORE.files.toReversed() }
    assert.equal(drawTreemap(shuffled, 'x'), drawTreemap(BEFORE, 'x'))
    assert.notEqual(drawTreemap(AFTER, 'x'), drawTreemap(BEFORE, 'x'))
  })

  it('gives files areas in proportion to their sizes, all inside of the picture', () => {
    const files = [
      file('a', 600_000, 'libc6'),
      file('b', 300_000, 'libc6'),
      file('c', 100_000, 'libc6'),
    ]
    const svg = drawTreemap({ ...BEFORE, files }, 'x')
    const area = (name: string) => {
      const at = svg.indexOf(`<title>/${name},`)
      const { w, h } = rectangles(svg.slice(at))[0]!
      return w * h
    }
    assert.ok(Math.abs(area('a') / area('b') - 2) < 0.1)
    assert.ok(Math.abs(area('a') / area('c') - 6) < 0.4)
    for (const { x, y, w, h } of rectangles(svg)) assert.ok(x + w <= 1280 && y + h <= 860)
  })

  it('names every byte: what is too small to see is counted with its folder', () => {
    const small = Array.from({ length: 500 }, (_, i) => file(`usr/share/many/${i}`, 100, 'libc6'))
    const odd = Array.from({ length: 50 }, (_, i) => file(`etc/${i}/x`, 1, 'libc6'))
    const files = [file('usr/lib/big', 1_000_000, 'libc6'), ...small, ...odd]
    const svg = drawTreemap({ ...BEFORE, files }, 'x')
    assert.match(svg, /<title>500 smaller files in \/usr\/share\/many\/, 50\.0 kB<\/title>/)
    assert.match(svg, />1\.1 MB in 551 files</)
    assert.ok(svg.length < 5_000)
  })

  it('draws an empty image, and one of links only', () => {
    for (const files of [[], BEFORE.files.filter(f => f.type !== 'file')])
      assert.match(drawTreemap({ ...BEFORE, files }, 'x'), /0 B in 0 files/)
  })

  it('is well-formed XML whatever files are called', () => {
    const names = ['<script>&"\'', 'ünï', 'x'.repeat(300)]
    const files = names.map((name, i) => file(name, 1000 + i, 'libc6'))
    const svg = drawTreemap({ ...BEFORE, files } satisfies Manifest, '<&>')
    assert.ok(!svg.includes('<script>'))
    assert.equal(svg.match(/<g\b/g)!.length, svg.match(/<\/g>/g)!.length)
    assert.doesNotMatch(svg.replaceAll(/&(amp|lt|gt);/g, ''), /&/)
  })
})
