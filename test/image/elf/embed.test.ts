/** Data in an executable: made from the running Node, read back by the rules of elf(5). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { embed } from '../../../image/elf/embed.ts'

type Segment = { type: number; offset: number; address: number; size: number; memory: number }

function segments(file: Buffer): Segment[] {
  const [start, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(56)]
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * 56
    const word = (field: number) => Number(file.readBigUInt64LE(at + field))
    const rest = { address: word(16), size: word(32), memory: word(40) }
    return { type: file.readUInt32LE(at), offset: word(8), ...rest }
  })
}

/** A program with the given segments; 0x1000 bytes, mapped at 0x400000. */
function program(types: readonly number[], elfType = 2): Buffer {
  const file = Buffer.alloc(0x1000, 0xcc)
  Buffer.from('7f454c46020101', 'hex').copy(file)
  file.writeUInt16LE(elfType, 16)
  file.writeBigUInt64LE(64n, 32)
  file.writeBigUInt64LE(0xf00n, 40)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(types.length, 56)
  types.forEach((type, index) => {
    const at = 64 + index * 56
    file.fill(0, at, at + 56).writeUInt32LE(type, at)
    const [offset, size] = type === 4 ? [0x300, 0x20] : [0, 0x800]
    file.writeBigUInt64LE(BigInt(offset), at + 8)
    file.writeBigUInt64LE(BigInt(0x400000 + offset), at + 16)
    file.writeBigUInt64LE(BigInt(size), at + 32)
    file.writeBigUInt64LE(BigInt(size), at + 40)
  })
  return file
}

const PHDR = 6
const LOAD = 1
const NOTE = 4
const DATA = Buffer.from('data of seven', 'ascii')

describe('embed', () => {
  it('maps a note with the data behind everything else, on pages of 64 KiB', () => {
    for (const original of [program([PHDR, LOAD, NOTE]), readFileSync(process.execPath)]) {
      const before = segments(original)
      const file = Buffer.concat(embed(Buffer.from(original), 'NAME', DATA))
      const after = segments(file)
      assert.equal(after.length, before.length)
      const note = after.find(each => each.type === NOTE)!
      const load = after.findLast(each => each.type === LOAD)!
      assert.deepEqual({ ...load, type: NOTE }, note)
      assert.equal(note.offset % 65536, 0)
      assert.equal(note.address % 65536, 0)
      assert.equal(note.offset + note.size, file.length)
      for (const each of before.filter(({ type }) => type === LOAD)) {
        assert.ok(note.address >= each.address + each.memory)
        assert.ok(after.some(other => JSON.stringify(other) === JSON.stringify(each)))
        const [from, to] = [Math.max(each.offset, 0x500), each.offset + each.size]
        assert.ok(file.subarray(from, to).equals(original.subarray(from, to)))
      }
      const addresses = after.filter(({ type }) => type === LOAD).map(each => each.address)
      assert.deepEqual(
        addresses,
        addresses.toSorted((a, b) => a - b),
      )
    }
  })

  it('keeps the old notes before the new one, and pads to four bytes', () => {
    const original = program([PHDR, LOAD, NOTE])
    const old = Buffer.from(original.subarray(0x300, 0x320))
    const file = Buffer.concat(embed(original, 'NAME', DATA))
    const notes = file.subarray(segments(file).find(each => each.type === NOTE)!.offset)
    assert.ok(notes.subarray(0, 32).equals(old))
    const mine = notes.subarray(32)
    assert.deepEqual(
      [0, 4, 8].map(at => mine.readUInt32LE(at)),
      [5, DATA.length, 0],
    )
    assert.equal(mine.toString('ascii', 12, 20), 'NAME\0\0\0\0')
    assert.equal(mine.toString('ascii', 20), `${DATA.toString()}\0\0\0`)
  })

  it('drops what is not loaded, and says that there are no section headers', () => {
    const file = Buffer.concat(embed(program([PHDR, LOAD, NOTE]), 'NAME', DATA))
    assert.ok(file.subarray(0x800, 65536).every(byte => byte === 0))
    assert.deepEqual([file.readBigUInt64LE(40), file.readUInt32LE(60)], [0n, 0])
  })

  it('refuses what it cannot serve', () => {
    const wrongTable = program([PHDR, LOAD, NOTE])
    wrongTable.writeUInt16LE(200, 56)
    const wrongSegment = program([PHDR, LOAD, NOTE])
    wrongSegment.writeBigUInt64LE(0x2000n, 64 + 56 + 32)
    const rows = [
      [Buffer.from('#!/bin/sh\n'), 'EMBED_NOT_ELF', /found 23212f62696e/],
      [Buffer.alloc(0), 'EMBED_NOT_ELF', /found ,/],
      [wrongTable, 'EMBED_NOT_ELF', /program-header table/],
      [wrongSegment, 'EMBED_NOT_ELF', /segment 1 ends after the file/],
      [program([PHDR, LOAD, NOTE], 3), 'EMBED_NOT_FIXED', /ELF type is 3, 2/],
      [program([LOAD, NOTE]), 'EMBED_NO_ENTRY', /PT_PHDR/],
      [program([PHDR, LOAD]), 'EMBED_NO_ENTRY', /PT_NOTE/],
    ] as const
    for (const [file, code, message] of rows)
      assert.throws(() => embed(Buffer.from(file), 'NAME', DATA), { code, message })
  })
})
