/** Schemas of lists, and of values that TypeScript holds in another form than the encoding does. */
import { inside, Refusal } from './error.ts'
import { headBytes, kindOf, type Schema } from './schema.ts'
import { within } from './scalars.ts'

/** `min` (0) to `max` values of one kind. */
export function list<T>(
  of: Schema<T>,
  size: { readonly min?: number; readonly max: number },
): Schema<readonly T[]> {
  const { min = 0, max } = size
  const each = <A, B>(value: unknown, convert: (one: A) => B): B[] => {
    if (!Array.isArray(value))
      throw new Refusal('CODEC_TYPE', `found ${kindOf(value)}, expected a list`)
    within(value.length, min, max, 'values')
    const all = new Array<B>(value.length)
    let i = 0
    try {
      for (; i < all.length; i++) all[i] = convert(value[i] as A)
    } catch (error) {
      throw inside(`[${i}]`, error)
    }
    return all
  }
  return {
    max: {
      bytes: headBytes(max) + max * of.max.bytes,
      items: 1 + max * of.max.items,
      depth: 1 + of.max.depth,
    },
    read: value => each(value, of.read),
    write: value => each(value, of.write),
  }
}

/**
 * Values encoded as `schema` says, held in TypeScript as what `read` makes of them, such as a key
 * made of bytes. `write(read(x))` must be `x`, or an encoding would not be the only one.
 *
 * @param read  throws an Error for what is no such value; its message becomes that of `CODEC_VALUE`.
 */
export function as<Plain, T>(
  schema: Schema<Plain>,
  read: (plain: Plain) => T,
  write: (value: T) => Plain,
): Schema<T> {
  const wrong = (error: unknown) =>
    error instanceof Error ? new Refusal('CODEC_VALUE', error.message) : error
  const attempt = <A, B>(convert: (value: A) => B, value: A): B => {
    try {
      return convert(value)
    } catch (error) {
      throw wrong(error)
    }
  }
  return {
    max: schema.max,
    read: value => attempt(read, schema.read(value)),
    write: value => schema.write(attempt(write, value)),
  }
}
