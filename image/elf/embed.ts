/**
 * Puts data into an ELF executable, where the program finds it as a note (elf(5), `Nhdr`), and
 * drops what is not loaded: symbols, debug information, section headers. Works on the bytes alone,
 * so an executable of any 64-bit little-endian architecture will do.
 *
 * The program-header table has no room to grow, as the first section follows at once. The entry of
 * type PT_PHDR is given up for the new PT_LOAD: loaders need it only to learn where a
 * position-independent program came to lie, and those are refused here. The PT_NOTE entry then
 * points to the end of the file, to the old notes followed by ours:
 *
 *   header | segments as before | padding to 64 KiB | old notes | namesz descsz type | name | data
 */

export class EmbedError extends Error {
  readonly code: 'EMBED_NOT_ELF' | 'EMBED_NOT_FIXED' | 'EMBED_NO_ENTRY'
  constructor(code: EmbedError['code'], message: string) {
    super(message)
    this.name = 'EmbedError'
    this.code = code
  }
}

type Segment = {
  type: number
  flags: number
  offset: number
  address: number
  fileSize: number
  memorySize: number
  align: number
}

const EHDR_BYTES = 64
const PHDR_BYTES = 56
const ET_EXEC = 2
const PT_LOAD = 1
const PT_NOTE = 4
const PT_PHDR = 6
const PF_R = 4
/** The largest page of the architectures at hand (arm64); offset and address agree modulo it. */
const PAGE = 64 * 1024

/**
 * Gives the parts of the new file, in order. `program` is changed in place.
 *
 * @param program  bytes of the whole executable.
 * @param name     of the note, ASCII.
 * @param data     less than 2^32 bytes.
 * @throws {EmbedError} `EMBED_NOT_ELF`; `EMBED_NOT_FIXED` a position-independent program or library;
 *   `EMBED_NO_ENTRY` no PT_PHDR or PT_NOTE to reuse.
 */
export function embed(program: Buffer, name: string, data: Uint8Array): Uint8Array[] {
  const table = readTable(program)
  const phdr = table.findIndex(each => each.type === PT_PHDR)
  const note = table.find(each => each.type === PT_NOTE)
  const loads = table.filter(each => each.type === PT_LOAD)
  if (phdr < 0 || !note)
    throw new EmbedError('EMBED_NO_ENTRY', 'found no PT_PHDR and PT_NOTE in the program, need both')

  const end = Math.max(...loads.map(each => each.offset + each.fileSize))
  const offset = roundUp(end, PAGE)
  const old = Buffer.from(program.subarray(note.offset, note.offset + note.fileSize))
  const notes = Buffer.concat([old, encodeNote(name, data)])
  const place = {
    offset,
    address: roundUp(Math.max(...loads.map(each => each.address + each.memorySize)), PAGE),
    fileSize: notes.length,
    memorySize: notes.length,
    flags: PF_R,
  }
  Object.assign(note, place)
  // PT_LOAD entries ascend by address, so the new one follows the others.
  table.splice(phdr, 1)
  table.splice(table.lastIndexOf(loads.at(-1)!) + 1, 0, { type: PT_LOAD, align: PAGE, ...place })
  writeTable(program, table)
  return [program.subarray(0, end), Buffer.alloc(offset - end), notes]
}

function encodeNote(name: string, data: Uint8Array): Buffer {
  const text = Buffer.from(`${name}\0`, 'ascii')
  const head = Buffer.alloc(12 + roundUp(text.length, 4))
  head.writeUInt32LE(text.length, 0)
  head.writeUInt32LE(data.length, 4)
  text.copy(head, 12)
  return Buffer.concat([head, data, Buffer.alloc(roundUp(data.length, 4) - data.length)])
}

function readTable(program: Buffer): Segment[] {
  const magic = program.subarray(0, 6).toString('hex')
  if (program.length < EHDR_BYTES || magic !== '7f454c460201')
    throw new EmbedError(
      'EMBED_NOT_ELF',
      `found ${magic}, a 64-bit little-endian ELF file expected`,
    )
  const type = program.readUInt16LE(16)
  if (type !== ET_EXEC)
    throw new EmbedError(
      'EMBED_NOT_FIXED',
      `ELF type is ${type}, ${ET_EXEC} (fixed place) expected`,
    )
  const [start, count] = [Number(program.readBigUInt64LE(32)), program.readUInt16LE(56)]
  if (program.readUInt16LE(54) !== PHDR_BYTES || start + count * PHDR_BYTES > program.length)
    throw new EmbedError('EMBED_NOT_ELF', 'the program-header table does not lie within the file')
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * PHDR_BYTES
    const word = (field: number) => Number(program.readBigUInt64LE(at + field))
    const segment = {
      type: program.readUInt32LE(at),
      flags: program.readUInt32LE(at + 4),
      offset: word(8),
      address: word(16),
      fileSize: word(32),
      memorySize: word(40),
      align: word(48),
    }
    if (segment.offset + segment.fileSize > program.length)
      throw new EmbedError('EMBED_NOT_ELF', `segment ${index} ends after the file does`)
    return segment
  })
}

function writeTable(program: Buffer, table: readonly Segment[]): void {
  const start = Number(program.readBigUInt64LE(32))
  table.forEach((segment, index) => {
    const at = start + index * PHDR_BYTES
    program.writeUInt32LE(segment.type, at)
    program.writeUInt32LE(segment.flags, at + 4)
    const { offset, address, fileSize, memorySize, align } = segment
    const words = [offset, address, address, fileSize, memorySize, align]
    words.forEach((word, field) => program.writeBigUInt64LE(BigInt(word), at + 8 + field * 8))
  })
  // No section headers: e_shoff, e_shnum, e_shstrndx.
  program.writeBigUInt64LE(0n, 40)
  program.writeUInt32LE(0, 60)
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}
