/**
 * A format: a name and a schema, that turn values into canonical DAG-CBOR and back. Each value has
 * one encoding, and all other bytes are refused.
 */
import * as dagCbor from '@ipld/dag-cbor'
import { encode } from './encode.ts'
import { CodecError, Refusal } from './error.ts'
import type { Schema } from './schema.ts'
import { walk, type Limits } from './walk.ts'

export type Format<T> = {
  /** Begins the paths in errors. */
  readonly name: string
  readonly limits: Limits
  readonly schema: Schema<T>
  /** @throws {CodecError} what is wrong with `value`, as in decode. */
  readonly encode: (value: T) => Uint8Array
  /**
   * The value, in memory of its own: later changes of `bytes` do not reach it.
   *
   * @throws {CodecError} every code but `CODEC_DOMAIN`.
   */
  readonly decode: (bytes: Uint8Array) => T
}

/**
 * @param name   a word for messages, like `header`.
 * @param bytes  limit of the encoding's length, when the largest that `schema` allows is too large.
 */
export function format<T>(
  name: string,
  schema: Schema<T>,
  { bytes = schema.max.bytes }: { readonly bytes?: number } = {},
): Format<T> {
  const limits = { ...schema.max, bytes: Math.min(bytes, schema.max.bytes) }
  const named = <R>(work: () => R): R => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw new CodecError(error.code, error.detail, name + error.path)
    }
  }
  return {
    name,
    limits,
    schema,
    encode: value =>
      named(() => {
        const encoded = encode(schema.write(value))
        if (encoded.length > limits.bytes)
          throw new Refusal(
            'CODEC_TOO_LARGE',
            `would be ${encoded.length} bytes, at most ${limits.bytes}`,
          )
        return encoded
      }),
    decode: given =>
      named(() => {
        walk(given, limits)
        return schema.read(dagCbor.decode<unknown>(given))
      }),
  }
}
