/**
 * A bucket of a directory: the plain text of one sector.
 *
 * Layout: length of the encoding (u32, big-endian) | DAG-CBOR {v: 1, entries: [{id: 16 bytes, kind,
 * name}]}, sorted by the names' bytes | zeros. An empty bucket is a hole.
 */
import { encode } from '../codec/encode.ts'
import { format } from '../codec/format.ts'
import { as, list } from '../codec/list.ts'
import { object } from '../codec/object.ts'
import { constant, text } from '../codec/scalars.ts'
import { kindSchema, type Kind } from '../block/kind.ts'
import { blockIdBytes, blockIdSchema, type BlockId } from '../block/id.ts'
import { TreeError } from './error.ts'
import { expectName, NAME_BYTES_MAX } from './path.ts'

export type Entry = { readonly name: string; readonly id: BlockId; readonly kind: Kind }

/** Bytes of one sector of a directory, at most. */
export const BUCKET_BYTES_MAX = 65536
/** An entry's share of a bucket without its name, about; see {@link weightOf}. */
const ENTRY_BYTES = 40
/** The smallest entry there can be takes 36 bytes. */
const ENTRIES_MAX = Math.floor(BUCKET_BYTES_MAX / 36)

const nameSchema = as(
  text({ min: 1, max: NAME_BYTES_MAX }),
  name => (expectName(name), name),
  name => name,
)

const bucket = format(
  'directory',
  object({
    v: constant(1),
    entries: list(object({ id: blockIdSchema, kind: kindSchema, name: nameSchema }), {
      max: ENTRIES_MAX,
    }),
  }),
  { bytes: BUCKET_BYTES_MAX - 4 },
)

/** What an entry counts for when buckets are split or joined, in bytes. */
export function weightOf(name: string): number {
  return ENTRY_BYTES + Buffer.byteLength(name)
}

/**
 * The plain text of a bucket; empty for one without entries.
 *
 * @throws {TreeError} `TREE_FULL` when they do not fit.
 */
export function encodeBucket(entries: Iterable<Entry>): Uint8Array {
  const sorted = [...entries]
  if (!isSorted(sorted)) sorted.sort((a, b) => compareNames(a.name, b.name))
  if (sorted.length === 0) return new Uint8Array()
  // Entries were checked when they came in: a schema would take longer than the rest.
  const plainEntries = sorted.map(({ id, kind, name }) => ({ id: blockIdBytes(id), kind, name }))
  const encoded = encode({ v: 1, entries: plainEntries })
  if (encoded.length > bucket.limits.bytes)
    throw new TreeError('TREE_FULL', 'a directory has too many names that belong into one bucket')
  const plain = new Uint8Array(4 + encoded.length)
  new DataView(plain.buffer).setUint32(0, encoded.length)
  plain.set(encoded, 4)
  return plain
}

/**
 * The entries of a bucket by their names.
 *
 * @throws {TreeError} `TREE_DAMAGED` for what {@link encodeBucket} does not make.
 * @throws {CodecError} for an encoding that is none.
 */
export function decodeBucket(plain: Uint8Array): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  if (plain.length === 0) return entries
  const damaged = (why: string) => new TreeError('TREE_DAMAGED', `a directory's bucket ${why}`)
  if (plain.length < 4) throw damaged('is shorter than its length')
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0)
  if (length > plain.length - 4) throw damaged('is shorter than it says')
  if (plain.subarray(4 + length).some(byte => byte !== 0)) throw damaged('goes on behind its end')
  let before: Entry | undefined
  for (const entry of bucket.decode(plain.subarray(4, 4 + length)).entries) {
    if (before && compareNames(before.name, entry.name) >= 0) throw damaged('is not sorted')
    entries.set(entry.name, entry)
    before = entry
  }
  return entries
}

function isSorted(entries: readonly Entry[]): boolean {
  return entries.every((one, i) => i === 0 || compareNames(entries[i - 1]!.name, one.name) < 0)
}

/** Order of names: that of their bytes in UTF-8, which is that of their code points. */
export function compareNames(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return ranked(x) - ranked(y)
  }
  return a.length - b.length
}

/** UTF-16 puts surrogates, halves of what is above U+FFFF, before U+E000 to U+FFFF. */
function ranked(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
