import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nearest } from '../../../image/recipe/nearest.ts'

describe('the nearest word', () => {
  const known = ['build', 'run', 'shell', 'licenses', 'graph']
  const CASES: [string, string | undefined][] = [
    ['biuld', 'build'],
    ['BUILD', 'build'],
    ['rum', 'run'],
    ['licence', 'licenses'],
    ['grap', 'graph'],
    ['xyz', undefined],
    ['', undefined],
    ['completely different', undefined],
  ]
  for (const [word, expected] of CASES)
    it(`to ${JSON.stringify(word)} is ${expected}`, () => {
      assert.equal(nearest(word, known), expected)
    })

  it('is none where nothing is known', () => {
    assert.equal(nearest('a', []), undefined)
  })
})
