import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CodecError } from '../../../node/codec/error.ts'
import { format } from '../../../node/codec/format.ts'
import { as, list } from '../../../node/codec/list.ts'
import { object } from '../../../node/codec/object.ts'
import { bytes, text, u16, u64, u8 } from '../../../node/codec/scalars.ts'
import { flips, golden } from '../../golden/golden.ts'
import { GOLDEN, sample, samples } from './sample.ts'

describe('a format', () => {
  it('round-trips any value, in the bytes that @ipld/dag-cbor makes', () => {
    fc.assert(
      fc.property(samples, value => {
        const encoded = sample.encode(value)
        assert.deepEqual(sample.decode(encoded), value)
        assert.deepEqual(encoded, new Uint8Array(dagCbor.encode(value)))
        assert.deepEqual(sample.encode(sample.decode(encoded)), encoded)
        assert.ok(encoded.length <= sample.limits.bytes)
      }),
    )
  })

  for (const [name, value] of Object.entries(GOLDEN))
    it(`opens the golden file ${name}.cbor, and makes it`, () => {
      const file = golden(`codec/${name}.cbor`, sample.encode(value))
      assert.deepEqual(sample.decode(file), value)
      assert.deepEqual(sample.encode(value), file)
    })

  it('with any bit of a golden file flipped refuses it, or it is the encoding of another value', () => {
    let refused = 0
    for (const name of Object.keys(GOLDEN))
      for (const { bit, bad } of flips(golden(`codec/${name}.cbor`))) {
        let value
        try {
          value = sample.decode(bad)
        } catch (error) {
          assert.ok(error instanceof CodecError, `${name}, bit ${bit}: ${error}`)
          refused++
          continue
        }
        assert.deepEqual(sample.encode(value), bad, `${name}, bit ${bit}`)
      }
    assert.ok(refused > 1000, `${refused} refused`)
  })

  it('cut anywhere is refused', () => {
    const whole = golden('codec/large.cbor')
    for (let length = 0; length < whole.length; length++)
      assert.throws(() => sample.decode(whole.subarray(0, length)), { code: 'CODEC_TRUNCATED' })
  })

  it('takes any bytes at all without another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        assert.throws(() => sample.decode(bytes), CodecError)
      }),
      { numRuns: 1000 },
    )
  })

  it('decodes only what encodes to the same bytes, also when golden files are mixed up', () => {
    const files = Object.keys(GOLDEN).map(name => golden(`codec/${name}.cbor`))
    const cut = fc.tuple(fc.constantFrom(...files), fc.nat(300), fc.nat(300))
    fc.assert(
      fc.property(cut, cut, fc.uint8Array({ maxLength: 3 }), ([a, from], [b, to, end], gap) => {
        const bytes = Buffer.concat([a.subarray(0, from), gap, b.subarray(to, to + end)])
        let value
        try {
          value = sample.decode(bytes)
        } catch (error) {
          return assert.ok(error instanceof CodecError, `${error}`)
        }
        assert.deepEqual(sample.encode(value), new Uint8Array(bytes))
      }),
      { numRuns: 2000 },
    )
  })

  it('gives values in memory of their own, and takes Buffers', () => {
    const pair = format('pair', object({ a: bytes({ max: 4 }) }))
    const encoded = Buffer.from(pair.encode({ a: Buffer.from([1, 2, 3]) }))
    const { a } = pair.decode(encoded)
    encoded.fill(9)
    assert.deepEqual(a, new Uint8Array([1, 2, 3]))
    assert.equal(Object.getPrototypeOf(a), Uint8Array.prototype)
  })

  it('knows the largest encoding its schema allows', () => {
    const most = format(
      'most',
      object({ a: list(bytes({ max: 300 }), { max: 2 }), n: u64, s: text({ max: 30 }) }),
    )
    const value = {
      a: [new Uint8Array(300), new Uint8Array(300)],
      n: 2n ** 64n - 1n,
      s: 'x'.repeat(30),
    }
    assert.equal(most.encode(value).length, most.limits.bytes)
    assert.equal(most.limits.items, 9)
    assert.equal(most.limits.depth, 3)
  })

  it('can be limited further, in both directions', () => {
    const schema = list(u8, { max: 1000 })
    const few = format('few', schema, { bytes: 10 })
    const nine = Array<number>(9).fill(0)
    assert.deepEqual(few.decode(few.encode(nine)), nine)
    const ten = [...nine, 0]
    assert.throws(() => few.encode(ten), { code: 'CODEC_TOO_LARGE', path: 'few' })
    const long = format('few', schema).encode(ten)
    assert.throws(() => few.decode(long), { code: 'CODEC_TOO_LARGE', path: 'few' })
  })

  it('holds what `as` makes of plain values, and names a value it refuses', () => {
    const even = as(
      u16,
      n => {
        if (n % 2) throw new Error(`${n} is odd`)
        return { half: n / 2 }
      },
      ({ half }) => half * 2,
    )
    const evens = format('evens', list(even, { max: 3 }))
    assert.deepEqual(evens.decode(evens.encode([{ half: 4 }])), [{ half: 4 }])
    assert.throws(() => evens.decode(new Uint8Array([0x82, 2, 3])), {
      code: 'CODEC_VALUE',
      path: 'evens[1]',
      message: 'evens[1]: 3 is odd',
    })
  })

  it('cannot be made with a field name that is none', () => {
    for (const name of ['__proto__', '', 'Upper', 'with space', 'a'.repeat(24)])
      assert.throws(() => object(JSON.parse(`{"${name}":{}}`)), TypeError, name)
  })
})
