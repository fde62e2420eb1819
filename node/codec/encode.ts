/** Canonical DAG-CBOR of plain values, without a schema: for what was checked when it came in. */
import * as dagCbor from '@ipld/dag-cbor'

/** @param value  as {@link Schema.write} gives it. @returns memory of its own. */
export function encode(value: unknown): Uint8Array {
  // The encoder's own bytes may lie in a pool that other values share.
  return new Uint8Array(dagCbor.encode(value))
}
