/** Every way in which bytes are refused, each with its code and the path of the field. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { format } from '../../../node/codec/format.ts'
import { list } from '../../../node/codec/list.ts'
import { object, optional, variants } from '../../../node/codec/object.ts'
import { bool, bytes, constant, text, u64, u8, uint } from '../../../node/codec/scalars.ts'

const header = format(
  'header',
  object({
    v: constant(1),
    readcaps: optional(list(object({ key: bytes({ length: 2 }) }), { max: 3 })),
    on: optional(bool),
    age: optional(uint({ min: 1, max: 150 })),
    size: optional(u64),
    name: optional(text({ max: 8 })),
    kind: optional(variants({ a: {}, bc: { n: u8 } })),
  }),
)

// a1 is a map of 1, 61 76 is the key v, a2 6161 … and so on; 40 empty bytes, 60 empty text, 80 [].
const REFUSED: [what: string, hex: string, code: string, path: string][] = [
  ['nothing', '', 'TRUNCATED', 'header'],
  ['a field’s value cut off', 'a1 6176', 'TRUNCATED', 'header.v'],
  ['a key cut off', 'a1 6576', 'TRUNCATED', 'header'],
  ['a number cut off', 'a1 6176 19 01', 'TRUNCATED', 'header.v'],
  ['a length of 2^32 that is not there', 'a1 6176 5b 0000000100000000', 'TRUNCATED', 'header.v'],
  ['a text of 2^64 - 1', 'a1 6176 7b ffffffffffffffff', 'TRUNCATED', 'header.v'],
  ['a list that has no room for its items', '83 0101', 'TRUNCATED', 'header'],
  ['a byte behind the end', 'a1 6176 01 00', 'TRAILING', 'header'],
  ['a list of 2^64 - 1', 'a1 6176 9b ffffffffffffffff', 'TOO_MANY', 'header.v'],
  ['a map of 2^32 - 1', 'ba ffffffff', 'TOO_MANY', 'header'],
  ['more items than the schema has', `98 40 ${'01'.repeat(64)}`, 'TOO_MANY', 'header'],
  ['many items in lists', `9819 ${'8101'.repeat(25)}`, 'TOO_MANY', 'header[13]'],
  ['keys in a map in maps', `${'a0'.repeat(600)}`, 'TOO_LARGE', 'header'],
  ['nested too deep', '81 81 81 81 81 01', 'TOO_DEEP', 'header[0][0][0][0]'],
  ['24 in three bytes', 'a1 6176 19 0018', 'NOT_MINIMAL', 'header.v'],
  ['1 in two bytes', 'a1 6176 18 01', 'NOT_MINIMAL', 'header.v'],
  ['65535 in five bytes', 'a1 6176 1a 0000ffff', 'NOT_MINIMAL', 'header.v'],
  ['2^32 - 1 in nine bytes', 'a1 6176 1b 00000000ffffffff', 'NOT_MINIMAL', 'header.v'],
  ['-1 in two bytes', 'a1 6176 38 00', 'NOT_MINIMAL', 'header.v'],
  ['a map’s length in two bytes', 'b8 01 6176 01', 'NOT_MINIMAL', 'header'],
  ['a key’s length in two bytes', 'a1 780176 01', 'NOT_MINIMAL', 'header'],
  ['bytes of indefinite length', 'a1 6176 5f 4100 ff', 'INDEFINITE', 'header.v'],
  ['a map of indefinite length', 'bf 6176 01 ff', 'INDEFINITE', 'header'],
  ['a break', 'a1 6176 ff', 'INDEFINITE', 'header.v'],
  ['a reserved first byte', 'a1 6176 1c', 'RESERVED', 'header.v'],
  ['a key that is a number', 'a1 01 01', 'KEY_TYPE', 'header'],
  ['a key that is bytes', 'a1 4176 01', 'KEY_TYPE', 'header'],
  ['keys not sorted by bytes', 'a2 6176 01 6161 01', 'KEY_ORDER', 'header'],
  ['keys not sorted by length', 'a2 626f6e f5 6176 01', 'KEY_ORDER', 'header'],
  ['a key twice', 'a2 6176 01 6176 01', 'KEY_TWICE', 'header'],
  ['a tag of a CID', 'a1 6176 d82a 4100', 'TAG', 'header.v'],
  ['a tag of a date', 'a1 6176 c1 01', 'TAG', 'header.v'],
  ['half a float', 'a1 6176 f9 3c00', 'FLOAT', 'header.v'],
  ['a float', 'a1 6176 fa 3f800000', 'FLOAT', 'header.v'],
  ['a double', 'a1 6176 fb 3ff0000000000000', 'FLOAT', 'header.v'],
  ['undefined', 'a1 6176 f7', 'SIMPLE', 'header.v'],
  ['simple value 0', 'a1 6176 e0', 'SIMPLE', 'header.v'],
  ['true in two bytes', 'a1 6176 f815', 'SIMPLE', 'header.v'],
  ['text that is not UTF-8', 'a1 6176 62 c328', 'UTF8', 'header.v'],
  ['a surrogate', 'a1 6176 63 eda080', 'UTF8', 'header.v'],
  ['an overlong letter', 'a1 6176 62 c1a1', 'UTF8', 'header.v'],
  ['a byte order mark', 'a1 6176 64 efbbbf61', 'UTF8', 'header.v'],
  ['a key that is not UTF-8', 'a1 61ff 01', 'UTF8', 'header'],
  ['no version', 'a0', 'MISSING', 'header.v'],
  ['an unknown field', 'a2 6176 01 6178 01', 'UNKNOWN', 'header.x'],
  ['an unknown field with a strange name', 'a2 6176 01 62c3bc 01', 'UNKNOWN', 'header."ü"'],
  ['a prototype', 'a2 6176 01 695f5f70726f746f5f5f a0', 'UNKNOWN', 'header.__proto__'],
  ['a list', '80', 'TYPE', 'header'],
  ['null', 'f6', 'TYPE', 'header'],
  ['bytes for an object', '40', 'TYPE', 'header'],
  ['text for a number', 'a1 6176 6131', 'TYPE', 'header.v'],
  ['another version', 'a1 6176 02', 'VALUE', 'header.v'],
  ['a number for truth', 'a2 6176 01 626f6e 01', 'TYPE', 'header.on'],
  ['a number too small', 'a2 6176 01 63616765 00', 'RANGE', 'header.age'],
  ['a number too large', 'a2 6176 01 63616765 1897', 'RANGE', 'header.age'],
  ['2^64 - 1', 'a2 6176 01 63616765 1bffffffffffffffff', 'RANGE', 'header.age'],
  ['a negative number', 'a2 6176 01 63616765 20', 'RANGE', 'header.age'],
  ['a negative size', 'a2 6176 01 6473697a65 20', 'RANGE', 'header.size'],
  ['text for a size', 'a2 6176 01 6473697a65 6131', 'TYPE', 'header.size'],
  ['bytes for text', 'a2 6176 01 646e616d65 4161', 'TYPE', 'header.name'],
  ['too long text', 'a2 6176 01 646e616d65 69c3bcc3bcc3bcc3bc61', 'LENGTH', 'header.name'],
  ['an unknown kind', 'a2 6176 01 646b696e64 a1 6174 6178', 'VARIANT', 'header.kind.t'],
  ['a kind without t', 'a2 6176 01 646b696e64 a0', 'MISSING', 'header.kind.t'],
  ['a kind that is a number', 'a2 6176 01 646b696e64 a1 6174 01', 'TYPE', 'header.kind.t'],
  ['a kind that is none', 'a2 6176 01 646b696e64 01', 'TYPE', 'header.kind'],
  [
    'a field of another kind',
    'a2 6176 01 646b696e64 a2 616e 01 6174 6161',
    'UNKNOWN',
    'header.kind.n',
  ],
  [
    'too short bytes',
    'a2 6176 01 687265616463617073 81a1636b65794101',
    'LENGTH',
    'header.readcaps[0].key',
  ],
  [
    'text in the third',
    'a2 6176 01 687265616463617073 83a1636b6579420000a1636b6579420000a1636b6579626161',
    'TYPE',
    'header.readcaps[2].key',
  ],
  ['too long a list', 'a2 6176 01 687265616463617073 8401010101', 'LENGTH', 'header.readcaps'],
  ['text for a list', 'a2 6176 01 687265616463617073 60', 'TYPE', 'header.readcaps'],
]

describe('decoding refuses', () => {
  for (const [what, hex, code, path] of REFUSED)
    it(`${what}: CODEC_${code} at ${path}`, () => {
      const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
      assert.equal(bytes.toString('hex'), hex.replaceAll(' ', ''))
      assert.throws(() => header.decode(bytes), { name: 'CodecError', code: `CODEC_${code}`, path })
    })

  // The rule that every code is in a test looks for whole codes:
  // CODEC_TOO_LARGE CODEC_TOO_DEEP CODEC_TOO_MANY CODEC_TRUNCATED CODEC_TRAILING CODEC_NOT_MINIMAL
  // CODEC_INDEFINITE CODEC_RESERVED CODEC_KEY_TYPE CODEC_KEY_ORDER CODEC_KEY_TWICE CODEC_TAG
  // CODEC_FLOAT CODEC_SIMPLE CODEC_UTF8 CODEC_MISSING CODEC_UNKNOWN CODEC_TYPE CODEC_LENGTH
  // CODEC_RANGE CODEC_VALUE CODEC_VARIANT
})

describe('encoding refuses', () => {
  const encode = (value: unknown) => header.encode(value as never)
  const WRONG: [what: string, value: unknown, code: string, path: string][] = [
    ['nothing', undefined, 'CODEC_TYPE', 'header'],
    ['a missing field', {}, 'CODEC_MISSING', 'header.v'],
    ['an unknown field', { v: 1, x: 1 }, 'CODEC_UNKNOWN', 'header.x'],
    ['undefined for a field', { v: undefined }, 'CODEC_TYPE', 'header.v'],
    ['half a number', { v: 1, age: 1.5 }, 'CODEC_TYPE', 'header.age'],
    ['no number', { v: 1, age: NaN }, 'CODEC_TYPE', 'header.age'],
    ['infinity', { v: 1, age: Infinity }, 'CODEC_RANGE', 'header.age'],
    ['a bigint for a small number', { v: 1, age: 3n }, 'CODEC_TYPE', 'header.age'],
    ['a number for a size', { v: 1, size: 3 }, 'CODEC_TYPE', 'header.size'],
    ['a size of 2^64', { v: 1, size: 2n ** 64n }, 'CODEC_RANGE', 'header.size'],
    ['half a letter', { v: 1, name: '\ud83c' }, 'CODEC_UTF8', 'header.name'],
    ['a byte order mark', { v: 1, name: '\ufeffa' }, 'CODEC_UTF8', 'header.name'],
    ['too long a text', { v: 1, name: 'üüüüü' }, 'CODEC_LENGTH', 'header.name'],
    ['a hole in a list', { v: 1, readcaps: [,] }, 'CODEC_TYPE', 'header.readcaps[0]'],
    [
      'an array buffer',
      { v: 1, readcaps: [{ key: new ArrayBuffer(2) }] },
      'CODEC_TYPE',
      'header.readcaps[0].key',
    ],
    ['an unknown kind', { v: 1, kind: { t: 'x' } }, 'CODEC_VARIANT', 'header.kind.t'],
    [
      'a kind by inheritance',
      { v: 1, kind: Object.create({ t: 'a' }) },
      'CODEC_MISSING',
      'header.kind.t',
    ],
  ]
  for (const [what, value, code, path] of WRONG)
    it(`${what}: ${code} at ${path}`, () => {
      assert.throws(() => encode(value), { name: 'CodecError', code, path })
    })

  it('but not an optional field that is undefined, nor minus zero', () => {
    const plain = encode({ v: 1 })
    assert.deepEqual(encode({ v: 1, on: undefined }), plain)
    const zero = format('zero', u8)
    assert.deepEqual(zero.encode(-0), new Uint8Array([0]))
  })
})
