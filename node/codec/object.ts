/** Schemas of objects: exactly the fields they name, in any order in TypeScript. */
import { inOrder } from './encode.ts'
import { inside, Refusal } from './error.ts'
import { headBytes, kindOf, type Infer, type Optional, type Schema } from './schema.ts'
import { constant, shortly } from './scalars.ts'

// The types of the fields differ, and only `any` is the same to reading and writing.
export type Fields = Readonly<Record<string, Schema<any> | Optional<any>>>

type Required<F> = { [K in keyof F]: F[K] extends Optional<any> ? never : K }[keyof F]
type Flat<T> = { readonly [K in keyof T]: T[K] }

export type ObjectOf<F extends Fields> = Flat<
  { [K in Required<F>]: Infer<F[K]> } & { [K in Exclude<keyof F, Required<F>>]?: Infer<F[K]> }
>

/** A field that may be missing; in TypeScript it is then missing too, never undefined. */
export function optional<T>(schema: Schema<T>): Optional<T> {
  return { optional: schema }
}

/**
 * An object with these fields and no others.
 *
 * @throws {TypeError} for a name that is not like `keyEpoch`: that is a mistake of the program.
 */
export function object<F extends Fields>(fields: F): Schema<ObjectOf<F>> {
  const list = Object.entries(fields).map(([name, field]) => {
    if (!/^[a-z][A-Za-z0-9]{0,22}$/.test(name))
      throw new TypeError(`the field name ${name} is not like keyEpoch, of at most 23 letters`)
    const may = 'optional' in field
    return { name, may, schema: (may ? field.optional : field) as Schema<unknown> }
  })
  // Fields are written in the order of the encoding, which then needs not sort them.
  const written = [...list].sort((a, b) => inOrder(a.name, b.name))
  const convert = (how: 'read' | 'write') => (value: unknown) => {
    if (!isObject(value))
      throw new Refusal('CODEC_TYPE', `found ${kindOf(value)}, expected an object`)
    const from = value as Record<string, unknown>
    const to: Record<string, unknown> = {}
    let known = 0
    let at = ''
    try {
      for (const { name, may, schema } of how === 'write' ? written : list) {
        at = name
        if (!Object.hasOwn(from, name)) {
          if (may) continue
          throw new Refusal('CODEC_MISSING', 'is missing')
        }
        known++
        if (how === 'write' && may && from[name] === undefined) continue
        to[name] = schema[how](from[name])
      }
    } catch (error) {
      throw inside(`.${at}`, error)
    }
    if (Object.keys(from).length > known) throw unknown(from, Object.keys(fields))
    return to
  }
  const max = {
    bytes: headBytes(list.length),
    items: 1 + list.length,
    depth: 1 + Math.max(0, ...list.map(({ schema }) => schema.max.depth)),
  }
  for (const { name, schema } of list) {
    max.bytes += 1 + name.length + schema.max.bytes
    max.items += schema.max.items
  }
  return { max, read: convert('read') as Schema<ObjectOf<F>>['read'], write: convert('write') }
}

function isObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return !(value instanceof Uint8Array) && !Array.isArray(value)
}

type Kinds = Readonly<Record<string, Fields>>
type VariantOf<K extends Kinds> = {
  [N in keyof K]: Flat<{ t: N } & ObjectOf<K[N]>>
}[keyof K]

/** One of several kinds of objects, told apart by the text in their field `t`. */
export function variants<const K extends Kinds>(kinds: K): Schema<VariantOf<K>> {
  const schemas = new Map(
    Object.entries(kinds).map(([t, fields]) => [
      t,
      object({ ...fields, t: constant(t) }) as Schema<unknown>,
    ]),
  )
  const convert = (how: 'read' | 'write') => (value: unknown) => {
    if (kindOf(value) !== 'an object')
      throw new Refusal('CODEC_TYPE', `found ${kindOf(value)}, expected an object`)
    const t = Object.hasOwn(value as object, 't') ? (value as { t: unknown }).t : undefined
    const schema = typeof t === 'string' ? schemas.get(t) : undefined
    if (schema) return schema[how](value)
    if (t === undefined) throw inside('.t', new Refusal('CODEC_MISSING', 'is missing'))
    const expected = `expected one of ${[...schemas.keys()].join(', ')}`
    throw typeof t === 'string'
      ? inside('.t', new Refusal('CODEC_VARIANT', `found ${shortly(t)}, ${expected}`))
      : inside('.t', new Refusal('CODEC_TYPE', `found ${kindOf(t)}, ${expected}`))
  }
  const all = [...schemas.values()].map(({ max }) => max)
  const most = (key: 'bytes' | 'items' | 'depth') => Math.max(...all.map(max => max[key]))
  const max = { bytes: most('bytes'), items: most('items'), depth: most('depth') }
  return { max, read: convert('read') as Schema<VariantOf<K>>['read'], write: convert('write') }
}

function unknown(from: object, names: readonly string[]): unknown {
  const extra = Object.keys(from).find(name => !names.includes(name))!
  const path = /^\w{1,32}$/.test(extra) ? extra : shortly(extra)
  const refusal = new Refusal('CODEC_UNKNOWN', `is not known; known are ${names.join(', ')}`)
  return inside(`.${path}`, refusal)
}
