import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memory } from '../../../image/disk/bytes.ts'
import { isElf, readElf } from '../../../image/elf/elf.ts'
import { AARCH64, makeElf } from './make-elf.ts'

const SPEC = {
  type: 2,
  machine: AARCH64,
  interpreter: '/lib/ld-linux-aarch64.so.1',
  soname: 'libself.so.1',
  needed: ['libc.so.6', 'libm.so.6'],
  rpath: '/a:$ORIGIN/b:',
  runpath: '/c',
  flags1: 0x800,
  dlopen: JSON.stringify([
    { soname: ['libx.so.1', 'libx.so.0'], feature: 'x', priority: 'required' },
    { soname: ['liby.so.1'] },
  ]),
}

describe('reading ELF', () => {
  it('finds everything the loader looks at', () => {
    assert.deepEqual(readElf(memory(makeElf(SPEC))), {
      type: 'executable',
      machine: 'aarch64',
      interpreter: '/lib/ld-linux-aarch64.so.1',
      soname: 'libself.so.1',
      needed: ['libc.so.6', 'libm.so.6'],
      rpath: ['/a', '$ORIGIN/b'],
      runpath: ['/c'],
      noDefaultLibraries: true,
      dlopen: [
        { sonames: ['libx.so.1', 'libx.so.0'], feature: 'x', priority: 'required' },
        { sonames: ['liby.so.1'], feature: '', priority: 'recommended' },
      ],
    })
  })

  it('takes an object without anything for what it is', () => {
    const { needed, type, machine } = readElf(memory(makeElf({})))
    assert.deepEqual({ needed, type, machine }, { needed: [], type: 'shared', machine: 'x86_64' })
  })

  it('tells other files apart', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('\x7fEL'), Buffer.from('#!/bin/sh\n')])
      assert.equal(isElf(memory(bytes)), false)
  })

  it('refuses 32-bit and big-endian files', () => {
    for (const at of [4, 5]) {
      const bytes = makeElf(SPEC)
      bytes[at] = bytes[at] === 1 ? 2 : 1
      assert.throws(() => readElf(memory(bytes)), { code: 'ELF_UNSUPPORTED' })
    }
  })

  it('refuses files that point outside of themselves', () => {
    const good = makeElf(SPEC)
    const header = (type: number) =>
      Array.from({ length: 5 }, (_, i) => 64 + i * 56).find(at => good.readUInt32LE(at) === type)!
    const cases: [string, (b: Buffer) => unknown][] = [
      ['program headers beyond the end', b => b.writeBigUInt64LE(1n << 40n, 32)],
      ['program headers at 2^63', b => b.writeBigUInt64LE(1n << 63n, 32)],
      ['65,535 program headers', b => b.writeUInt16LE(0xffff, 56)],
      ['program headers of 1 byte', b => b.writeUInt16LE(1, 54)],
      ['interpreter of 1 GiB', b => b.writeBigUInt64LE(1n << 30n, header(3) + 32)],
      ['dynamic section beyond the end', b => b.writeBigUInt64LE(1n << 20n, header(2) + 8)],
      ['string table that is not loaded', b => b.writeBigUInt64LE(1n, header(1) + 16)],
      ['dlopen note that is not JSON', b => b.write('?', b.indexOf('[{'))],
    ]
    for (const [what, change] of cases) {
      const bytes = Buffer.from(good)
      change(bytes)
      assert.throws(() => readElf(memory(bytes)), { code: 'ELF_MALFORMED' }, what)
    }
    for (const end of [5, 63, 64, 200, good.length - 300])
      assert.throws(() => readElf(memory(good.subarray(0, end))), { code: 'ELF_MALFORMED' })
  })

  it('survives 3,000 random changes without any other error', () => {
    const good = makeElf(SPEC)
    let state = 7
    const random = (n: number) => (state = (state * 48271) % 0x7fffffff) % n
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(good)
      for (let i = 0; i <= random(6); i++) bytes[random(bytes.length)] = random(256)
      try {
        readElf(memory(bytes))
      } catch (error) {
        assert.equal((error as Error).name, 'ElfError', String(error))
      }
    }
  })
})
