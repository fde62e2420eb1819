/** A format that uses every kind of schema, its golden values, and arbitrary values of it. */
import fc from 'fast-check'
import { format } from '../../../node/codec/format.ts'
import { list } from '../../../node/codec/list.ts'
import { object, optional, variants } from '../../../node/codec/object.ts'
import {
  bool,
  bytes,
  constant,
  text,
  u16,
  u32,
  u53,
  u64,
  u8,
  uint,
} from '../../../node/codec/scalars.ts'
import type { Infer } from '../../../node/codec/schema.ts'

const schema = object({
  v: constant(1),
  id: bytes({ length: 16 }),
  name: text({ max: 64 }),
  generation: u64,
  age: uint({ min: 1, max: 150 }),
  sizes: object({ tiny: u8, small: u16, medium: u32, large: u53 }),
  sealed: optional(bool),
  readcaps: list(object({ to: bytes({ min: 1, max: 8 }), note: optional(text({ max: 8 })) }), {
    max: 4,
  }),
  kind: variants({
    file: { bytes: u64 },
    directory: { entries: list(text({ min: 1, max: 16 }), { max: 8 }) },
  }),
})

export type Sample = Infer<typeof schema>

export const sample = format('sample', schema)

export const GOLDEN: Readonly<Record<string, Sample>> = {
  small: {
    v: 1,
    id: new Uint8Array(16),
    name: '',
    generation: 0n,
    age: 1,
    sizes: { tiny: 0, small: 0, medium: 0, large: 0 },
    readcaps: [],
    kind: { t: 'directory', entries: [] },
  },
  large: {
    v: 1,
    id: Uint8Array.from({ length: 16 }, (_, i) => i * 17),
    name: 'Grüße, 世界 🌳',
    generation: 2n ** 64n - 1n,
    age: 150,
    sizes: { tiny: 255, small: 65535, medium: 2 ** 32 - 1, large: Number.MAX_SAFE_INTEGER },
    sealed: true,
    readcaps: [{ to: new Uint8Array([1, 2, 3]) }, { to: new Uint8Array(8), note: 'why' }],
    kind: { t: 'file', bytes: 2n ** 53n },
  },
}

const textUpTo = (max: number, minLength = 0) =>
  fc
    .string({ unit: 'grapheme', minLength, maxLength: max })
    .filter(value => Buffer.byteLength(value) <= max && !value.startsWith('\ufeff'))
const number = (max: number, min = 0) => fc.integer({ min, max })

export const samples: fc.Arbitrary<Sample> = fc.record(
  {
    v: fc.constant(1 as const),
    id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    name: textUpTo(64),
    generation: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    age: number(150, 1),
    sizes: fc.record(
      {
        tiny: number(255),
        small: number(65535),
        medium: fc.maxSafeNat().map(value => value % 2 ** 32),
        large: fc.maxSafeNat(),
      },
      { noNullPrototype: true },
    ),
    sealed: fc.boolean(),
    readcaps: fc.array(
      fc.record(
        { to: fc.uint8Array({ minLength: 1, maxLength: 8 }), note: textUpTo(8) },
        { requiredKeys: ['to'], noNullPrototype: true },
      ),
      { maxLength: 4 },
    ),
    kind: fc.oneof(
      fc.record(
        { t: fc.constant('file' as const), bytes: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
        { noNullPrototype: true },
      ),
      fc.record(
        {
          t: fc.constant('directory' as const),
          entries: fc.array(textUpTo(16, 1), { maxLength: 8 }),
        },
        { noNullPrototype: true },
      ),
    ),
  },
  {
    requiredKeys: ['v', 'id', 'name', 'generation', 'age', 'sizes', 'readcaps', 'kind'],
    noNullPrototype: true,
  },
)
