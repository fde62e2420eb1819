/**
 * What a value of a format looks like: checks, and the TypeScript type that follows from them.
 * Schemas are made by the functions of the files beside this one and used by `format.ts`.
 */
import type { Limits } from './walk.ts'

export type Schema<T> = {
  /** The largest encoding there is: what is beyond it is refused before it is decoded. */
  readonly max: Limits
  /** A decoded value, checked; throws a `Refusal`. */
  readonly read: (value: unknown) => T
  /** The value to encode, checked; throws a `Refusal`. */
  readonly write: (value: T) => unknown
}

/** A field of an object that may be missing; made by {@link optional}. */
export type Optional<T> = { readonly optional: Schema<T> }

/** The type of a schema's values. */
export type Infer<S> = S extends Schema<infer T> ? T : S extends Optional<infer T> ? T : never

/** Bytes that the head of a length or number up to `most` takes. */
export function headBytes(most: number): number {
  return most < 24 ? 1 : most < 2 ** 8 ? 2 : most < 2 ** 16 ? 3 : most < 2 ** 32 ? 5 : 9
}

/** What was found, for a message: never the value itself, it may be secret or long. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Uint8Array) return 'bytes'
  if (Array.isArray(value)) return 'a list'
  const names: Record<string, string> = {
    string: 'text',
    number: 'a number',
    bigint: 'a number',
    boolean: 'true or false',
    object: 'an object',
    undefined: 'nothing',
  }
  return names[typeof value] ?? typeof value
}
