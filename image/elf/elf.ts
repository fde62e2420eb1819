/**
 * Reads of an ELF file (System V ABI, ELF-64 object file format 1.5) what the loader and ldconfig
 * look at: machine, interpreter, the dynamic section's names and paths, and the notes by which
 * programs name libraries they open themselves (uapi-group.org, "ELF dlopen metadata"). Only 64-bit
 * little-endian files. Every offset is checked before it is followed: files come from packages.
 */
import type { Bytes } from '../disk/bytes.ts'

export type ElfErrorCode = 'ELF_UNSUPPORTED' | 'ELF_MALFORMED'

/** A file that starts like ELF and can't be followed. */
export class ElfError extends Error {
  readonly code: ElfErrorCode
  constructor(code: ElfErrorCode, message: string) {
    super(message)
    this.name = 'ElfError'
    this.code = code
  }
}

/** A group of libraries of which one is enough, as a dlopen note names it. */
export type ElfDlopen = {
  readonly sonames: readonly string[]
  readonly feature: string
  readonly priority: 'required' | 'recommended' | 'suggested'
}

export type Elf = {
  readonly type: 'relocatable' | 'executable' | 'shared' | 'other'
  readonly machine: 'x86_64' | 'aarch64' | `machine ${number}`
  /** Absolute path of the loader, for programs that need one. */
  readonly interpreter?: string
  readonly soname?: string
  readonly needed: readonly string[]
  /** Searched for this object and for those it loads; ignored when there is a run path. */
  readonly rpath: readonly string[]
  /** Searched for what this object itself needs. */
  readonly runpath: readonly string[]
  /** Linked with `-z nodeflib`: the standard folders are not searched. */
  readonly noDefaultLibraries: boolean
  readonly dlopen: readonly ElfDlopen[]
}

const TYPES = { 1: 'relocatable', 2: 'executable', 3: 'shared' } as const
const MACHINES = { 62: 'x86_64', 183: 'aarch64' } as const
const PT = { LOAD: 1, DYNAMIC: 2, INTERP: 3, NOTE: 4 }
const DT = {
  NEEDED: 1,
  STRTAB: 5,
  STRSZ: 10,
  SONAME: 14,
  RPATH: 15,
  RUNPATH: 29,
  FLAGS_1: 0x6ffffffb,
}
const DF_1_NODEFLIB = 0x800
const NOTE_DLOPEN = 0x407c0c0a
/** No real file comes near; what does is an attack on the reader's memory. */
const LIMIT = { headers: 256, dynamic: 1 << 20, strings: 64 << 20, note: 1 << 20 }

type Segment = { type: number; offset: number; address: number; bytes: number }

/** True when the file starts with the four bytes of ELF. */
export function isElf(file: Bytes): boolean {
  return file.size >= 4 && file.read(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))
}

/**
 * Reads one file.
 *
 * @throws {ElfError} `ELF_UNSUPPORTED` when it is 32-bit or big-endian; `ELF_MALFORMED` when it is
 *   no ELF file or something in it points outside of it.
 */
export function readElf(file: Bytes): Elf {
  if (!isElf(file) || file.size < 64) throw bad('it does not start with an ELF header')
  const header = file.read(0, 64)
  if (header[4] !== 2 || header[5] !== 1)
    throw new ElfError('ELF_UNSUPPORTED', 'not 64-bit little-endian: no board here runs it')
  const segments = readSegments(file, header)
  const type = header.readUInt16LE(16)
  const machine = header.readUInt16LE(18)
  const interpreter = segments.find(s => s.type === PT.INTERP)
  const dynamic = segments.find(s => s.type === PT.DYNAMIC)
  return {
    type: TYPES[type as keyof typeof TYPES] ?? 'other',
    machine: MACHINES[machine as keyof typeof MACHINES] ?? `machine ${machine}`,
    ...(interpreter && { interpreter: text(part(file, interpreter, 4096, 'interpreter'), 0) }),
    ...(dynamic ? readDynamic(file, dynamic, segments) : NOTHING),
    dlopen: segments.filter(s => s.type === PT.NOTE).flatMap(s => readNotes(file, s)),
  }
}

const NOTHING = { needed: [], rpath: [], runpath: [], noDefaultLibraries: false }

function readSegments(file: Bytes, header: Buffer): Segment[] {
  const at = whole(header, 32)
  const count = header.readUInt16LE(56)
  if (count === 0) return []
  if (header.readUInt16LE(54) !== 56 || count > LIMIT.headers)
    throw bad(`${count} program headers of ${header.readUInt16LE(54)} bytes`)
  const table = inside(file, at, count * 56, 'program headers')
  return Array.from({ length: count }, (_, i) => ({
    type: table.readUInt32LE(i * 56),
    offset: whole(table, i * 56 + 8),
    address: whole(table, i * 56 + 16),
    bytes: whole(table, i * 56 + 32),
  }))
}

function readDynamic(file: Bytes, dynamic: Segment, segments: readonly Segment[]) {
  const table = part(file, dynamic, LIMIT.dynamic, 'dynamic section')
  const entries: { tag: number; value: number }[] = []
  for (let at = 0; at + 16 <= table.length; at += 16) {
    const tag = Number(table.readBigInt64LE(at))
    if (tag === 0) break
    // Values that are no sizes or addresses may use all 64 bits; those are never looked at.
    entries.push({ tag, value: Number(table.readBigUInt64LE(at + 8)) })
  }
  const value = (tag: number) => entries.find(e => e.tag === tag)?.value
  const names = [DT.NEEDED, DT.SONAME, DT.RPATH, DT.RUNPATH]
  let strings: Buffer = Buffer.alloc(0)
  if (entries.some(e => names.includes(e.tag))) {
    const address = value(DT.STRTAB)
    const bytes = value(DT.STRSZ)
    if (address === undefined || bytes === undefined || bytes > LIMIT.strings)
      throw bad(`string table at ${address} of ${bytes} bytes`)
    const load = segments.find(
      s => s.type === PT.LOAD && address >= s.address && address + bytes <= s.address + s.bytes,
    )
    if (!load) throw bad('string table outside of what is loaded')
    strings = inside(file, load.offset + address - load.address, bytes, 'string table')
  }
  const all = (tag: number) => entries.filter(e => e.tag === tag).map(e => text(strings, e.value))
  const paths = (tag: number) =>
    all(tag)
      .flatMap(list => list.split(':'))
      .filter(p => p !== '')
  const [soname] = all(DT.SONAME)
  return {
    ...(soname !== undefined && { soname }),
    needed: all(DT.NEEDED),
    rpath: paths(DT.RPATH),
    runpath: paths(DT.RUNPATH),
    noDefaultLibraries: ((value(DT.FLAGS_1) ?? 0) & DF_1_NODEFLIB) !== 0,
  }
}

/** Notes are name size, content size, type, name and content, padded to 4 bytes. */
function readNotes(file: Bytes, segment: Segment): ElfDlopen[] {
  if (segment.bytes > LIMIT.note) return []
  const notes = part(file, segment, LIMIT.note, 'notes')
  const found: ElfDlopen[] = []
  for (let at = 0; at + 12 <= notes.length;) {
    const nameBytes = notes.readUInt32LE(at)
    const bytes = notes.readUInt32LE(at + 4)
    const content = at + 12 + padded(nameBytes)
    if (content + bytes > notes.length) break
    const name = notes.toString('latin1', at + 12, at + 12 + nameBytes)
    if (name === 'FDO\0' && notes.readUInt32LE(at + 8) === NOTE_DLOPEN)
      found.push(...parseDlopen(text(notes.subarray(content, content + bytes), 0)))
    at = content + padded(bytes)
  }
  return found
}

function parseDlopen(json: string): ElfDlopen[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw bad('its dlopen note is not JSON')
  }
  if (!Array.isArray(value)) throw bad('its dlopen note is not a JSON array')
  return value.map((group: { soname?: unknown; feature?: unknown; priority?: unknown } | null) => {
    const sonames = group?.soname
    if (!Array.isArray(sonames) || !sonames.every(name => typeof name === 'string'))
      throw bad('its dlopen note names no sonames')
    const priority = group?.priority
    return {
      sonames,
      feature: typeof group?.feature === 'string' ? group.feature : '',
      // The specification's default.
      priority: priority === 'required' || priority === 'suggested' ? priority : 'recommended',
    }
  })
}

function part(file: Bytes, segment: Segment, most: number, what: string): Buffer {
  if (segment.bytes > most) throw bad(`${what} of ${segment.bytes} bytes`)
  return inside(file, segment.offset, segment.bytes, what)
}

function inside(file: Bytes, offset: number, bytes: number, what: string): Buffer {
  if (offset + bytes > file.size)
    throw bad(`${what} at ${offset} of ${bytes} bytes in a file of ${file.size}`)
  return file.read(offset, bytes)
}

function whole(buffer: Buffer, at: number): number {
  const value = buffer.readBigUInt64LE(at)
  if (value > 0xffff_ffff_ffffn) throw bad(`offset or size ${value}`)
  return Number(value)
}

function text(strings: Buffer, at: number): string {
  if (at >= strings.length && !(at === 0 && strings.length === 0))
    throw bad(`a name at ${at} in a string table of ${strings.length} bytes`)
  const end = strings.indexOf(0, at)
  return strings.toString('utf8', at, end < 0 ? strings.length : end)
}

function padded(n: number): number {
  return Math.ceil(n / 4) * 4
}

function bad(message: string): ElfError {
  return new ElfError('ELF_MALFORMED', `malformed ELF file: ${message}`)
}
