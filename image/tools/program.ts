/** How a file of a tool tree is started: by a loader (ELF), by an interpreter (`#!`), or not at all. */
import { closeSync, openSync, readSync } from 'node:fs'

export type Program =
  /** `loader` is undefined for static programs. */
  | { readonly kind: 'elf'; readonly loader: string | undefined }
  | { readonly kind: 'script'; readonly interpreter: string; readonly args: readonly string[] }

const HEAD_BYTES = 4096
/** Program header type of the loader's path. System V ABI, "Program Header". */
const PT_INTERP = 3

export function readProgram(file: string): Program | undefined {
  const head = Buffer.alloc(HEAD_BYTES)
  const fd = openSync(file, 'r')
  let length: number
  try {
    length = readSync(fd, head, 0, HEAD_BYTES, 0)
  } finally {
    closeSync(fd)
  }
  if (head.toString('latin1', 0, 2) === '#!') return script(head.toString('utf8', 2, length))
  if (head.toString('latin1', 0, 4) !== '\x7fELF') return undefined
  return { kind: 'elf', loader: loaderOf(head, length) }
}

/** `#! /usr/bin/env -S python3 -I` and its shorter forms. */
function script(text: string): Program | undefined {
  const words = text
    .split('\n')[0]!
    .trim()
    .split(/[ \t]+/)
  if (words[0]!.endsWith('/env')) words.shift()
  while (words[0] === '-S') words.shift()
  const [interpreter, ...args] = words
  return interpreter ? { kind: 'script', interpreter, args } : undefined
}

/** 64-bit little-endian only: both architectures of this project are. */
function loaderOf(head: Buffer, length: number): string | undefined {
  const at = Number(head.readBigUInt64LE(32))
  const size = head.readUInt16LE(54)
  const count = head.readUInt16LE(56)
  for (let i = 0; i < count; i++) {
    const entry = at + i * size
    if (entry + 56 > length || head.readUInt32LE(entry) !== PT_INTERP) continue
    const from = Number(head.readBigUInt64LE(entry + 8))
    const bytes = Number(head.readBigUInt64LE(entry + 32))
    if (from + bytes > length) return undefined
    return head.toString('utf8', from, from + bytes).replace(/\0+$/, '')
  }
  return undefined
}
