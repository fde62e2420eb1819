/**
 * Makes ELF files with just what the reader looks at: headers, an interpreter, a dynamic section, a
 * note. The real loader's tools (readelf, ldconfig) read them as well.
 *
 *   0 header (64) | 64 program headers (56 each) | interpreter | strings | dynamic | note
 */

export type ElfSpec = {
  /** 2 program at a fixed address, 3 shared object. */
  readonly type?: number
  readonly machine?: number
  readonly interpreter?: string
  readonly soname?: string
  readonly needed?: readonly string[]
  readonly rpath?: string
  readonly runpath?: string
  readonly flags1?: number
  /** JSON of a dlopen note. */
  readonly dlopen?: string
}

export const X86_64 = 62
export const AARCH64 = 183
/** What the file is loaded at: not its offset, so that a reader which mixes them up fails. */
const BASE = 0x400000

export function makeElf(spec: ElfSpec): Buffer {
  const { needed = [], dlopen } = spec
  let strings = '\0'
  const string = (text: string) => {
    const at = Buffer.byteLength(strings)
    strings += `${text}\0`
    return at
  }
  const tags: [number, number][] = needed.map(name => [1, string(name)])
  if (spec.soname !== undefined) tags.push([14, string(spec.soname)])
  if (spec.rpath !== undefined) tags.push([15, string(spec.rpath)])
  if (spec.runpath !== undefined) tags.push([29, string(spec.runpath)])
  if (spec.flags1 !== undefined) tags.push([0x6ffffffb, spec.flags1])

  const interpreter = spec.interpreter === undefined ? undefined : `${spec.interpreter}\0`
  const count = 2 + (interpreter ? 1 : 0) + (dlopen ? 1 : 0)
  const parts: Buffer[] = []
  let at = 64 + count * 56
  const add = (part: Buffer) => {
    const start = at
    const padded = Buffer.alloc(Math.ceil(part.length / 8) * 8)
    part.copy(padded)
    parts.push(padded)
    at += padded.length
    return [start, part.length] as const
  }
  const headers: [type: number, offset: number, bytes: number][] = []
  if (interpreter) headers.push([3, ...add(Buffer.from(interpreter))])
  const [stringsAt, stringBytes] = add(Buffer.from(strings))
  tags.push([5, BASE + stringsAt], [10, stringBytes], [0, 0])
  const dynamic = Buffer.alloc(tags.length * 16)
  tags.forEach(([tag, value], i) => {
    dynamic.writeBigInt64LE(BigInt(tag), i * 16)
    dynamic.writeBigUInt64LE(BigInt(value), i * 16 + 8)
  })
  headers.push([2, ...add(dynamic)])
  if (dlopen) headers.push([4, ...add(note(dlopen))])
  headers.unshift([1, 0, at])

  const head = Buffer.alloc(64 + count * 56)
  head.write('\x7fELF\x02\x01\x01', 0, 'latin1')
  head.writeUInt16LE(spec.type ?? 3, 16)
  head.writeUInt16LE(spec.machine ?? X86_64, 18)
  head.writeUInt32LE(1, 20)
  head.writeBigUInt64LE(64n, 32)
  head.writeUInt16LE(64, 52)
  head.writeUInt16LE(56, 54)
  head.writeUInt16LE(count, 56)
  headers.forEach(([type, offset, bytes], i) => {
    const h = head.subarray(64 + i * 56)
    h.writeUInt32LE(type, 0)
    h.writeUInt32LE(4, 4)
    h.writeBigUInt64LE(BigInt(offset), 8)
    h.writeBigUInt64LE(BigInt(BASE + offset), 16)
    h.writeBigUInt64LE(BigInt(BASE + offset), 24)
    h.writeBigUInt64LE(BigInt(bytes), 32)
    h.writeBigUInt64LE(BigInt(bytes), 40)
    h.writeBigUInt64LE(8n, 48)
  })
  return Buffer.concat([head, ...parts])
}

function note(json: string): Buffer {
  const text = Buffer.from(`${json}\0`)
  const head = Buffer.alloc(16)
  head.writeUInt32LE(4, 0)
  head.writeUInt32LE(text.length, 4)
  head.writeUInt32LE(0x407c0c0a, 8)
  head.write('FDO\0', 12)
  // Another note first, of a length that needs padding.
  const other = Buffer.alloc(12 + 8 + 4)
  other.writeUInt32LE(5, 0)
  other.writeUInt32LE(3, 4)
  other.write('Linux', 12)
  return Buffer.concat([other, head, text])
}
