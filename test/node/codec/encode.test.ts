/** Our encoder against `@ipld/dag-cbor`: the same bytes for every value that formats have. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { encode } from '../../../node/codec/encode.ts'

const same = (value: unknown) =>
  assert.deepEqual(Buffer.from(encode(value)), Buffer.from(dagCbor.encode(value)))

describe('encode', () => {
  it('writes any value as the library does, and the library reads it', () => {
    const value = fc.letrec(tie => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.maxSafeInteger(),
        fc.nat(300),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 30 }),
        fc.dictionary(fc.string({ unit: 'grapheme-ascii', maxLength: 30 }), tie('value'), {
          maxKeys: 30,
          noNullPrototype: true,
        }),
      ),
    })).value
    fc.assert(
      fc.property(value, one => {
        same(one)
        assert.deepEqual(
          Buffer.from(dagCbor.encode(dagCbor.decode(encode(one)))),
          Buffer.from(encode(one)),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('writes heads in the shortest form, at every border between two', () => {
    for (const power of [0, 3, 4, 5, 8, 16, 32, 40, 53])
      for (const near of [-2, -1, 0, 1, 2]) {
        const number = 2 ** power + near
        if (Number.isSafeInteger(number)) same([number, -number])
      }
    for (const power of [53n, 63n, 64n]) same([2n ** power - 1n, 2n ** 53n])
    for (const length of [0, 23, 24, 255, 256, 65_535, 65_536]) {
      same([new Uint8Array(length), 'a'.repeat(length), 'ä'.repeat(length)])
      same(new Array(length).fill(0))
    }
  })

  it('sorts keys by length and then by bytes, however they come', () => {
    same({ b: 1, aa: 2, a: 3, '': 4, Z: 5, z: 6, ab: 7, aB: 8, a1: 9 })
  })

  it('gives memory of its own, and grows for large values', () => {
    const [one, two] = [encode([1, 2, 3]), encode([4, 5, 6])]
    assert.deepEqual([...one], [0x83, 1, 2, 3])
    assert.deepEqual([...two], [0x83, 4, 5, 6])
    same([new Uint8Array(300_000).fill(7), 'x'.repeat(300_000)])
  })

  it('refuses what no format has', () => {
    for (const bad of [0.5, NaN, Infinity, 2 ** 53, undefined, () => 0, Symbol('x')])
      assert.throws(() => encode(bad), { code: 'CODEC_TYPE' })
  })
})
