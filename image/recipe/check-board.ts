/** Refuses boards that do not fit together, before anything is built for them. */
import { isIPv4 } from 'node:net'
import { basename } from 'node:path'
import type { Board, Partition } from '../../board/board.ts'
import { nearest } from './nearest.ts'

export class BoardError extends Error {
  readonly code: 'BOARD_FIELD' | 'BOARD_PARTITIONS' | 'BOARD_DISK'
  constructor(code: BoardError['code'], message: string) {
    super(message)
    this.name = 'BoardError'
    this.code = code
  }
}

const LABELS: readonly Partition['label'][] = [
  'esp',
  'root-a',
  'verity-a',
  'root-b',
  'verity-b',
  'data',
]

/** Fields and the types that `typeof` gives for them; `list` is an array of texts. */
const SHAPE = {
  name: 'string',
  about: 'string',
  arch: ['x86_64', 'aarch64'],
  boot: ['uefi'],
  kernel: { recipe: 'string', cmdline: 'list', initrdModules: 'list', modules: 'list' },
  disk: { partitions: 'any' },
  network: { wan: 'list', lan: 'string' },
  qemu: {
    machine: 'string',
    cpu: 'string',
    memoryMiB: 'number',
    cpus: 'number',
    diskMiB: 'number',
    tpm: ['tpm-crb', 'tpm-tis', 'tpm-tis-device'],
  },
}
type Shape = string | readonly string[] | { readonly [key: string]: Shape }

/** @throws {BoardError} naming file, field, what was found and what was expected. */
export function checkBoard(value: unknown, file: string): Board {
  fits(value, SHAPE, '', file)
  const board = value as Board
  checkPartitions(board.disk.partitions, file)
  if (board.name !== basename(file, '.ts'))
    throw new BoardError(
      'BOARD_FIELD',
      `${file}: name is ${board.name}, expected the file's own name, ${basename(file, '.ts')}`,
    )
  const [address = '', bits = '', ...more] = board.network.lan.split('/')
  if (!isIPv4(address) || !/^([89]|[12]\d|30)$/.test(bits) || more.length > 0)
    throw new BoardError(
      'BOARD_FIELD',
      `${file}: network.lan is ${board.network.lan}, expected like 10.77.0.1/24`,
    )
  const fixed = board.disk.partitions.reduce((sum, p) => sum + (p.size === 'rest' ? 0 : p.size), 2)
  if (board.qemu.diskMiB < fixed + 64)
    throw new BoardError(
      'BOARD_DISK',
      `${file}: qemu.diskMiB is ${board.qemu.diskMiB}, expected at least ${fixed + 64}: the partitions take ${fixed} and data needs 64`,
    )
  return board
}

function checkPartitions(partitions: unknown, file: string): void {
  const fail = (text: string) =>
    new BoardError('BOARD_PARTITIONS', `${file}: disk.partitions${text}`)
  if (!Array.isArray(partitions)) throw fail(' is not a list')
  const seen = new Set<string>()
  partitions.forEach((entry: Partition, i) => {
    const extra = Object.keys(entry ?? {}).find(key => !['label', 'size'].includes(key))
    if (extra !== undefined)
      throw fail(`[${i}] has the unknown field \`${extra}\`; known are label, size`)
    if (!LABELS.includes(entry?.label))
      throw fail(`[${i}].label is ${entry?.label}, expected one of ${LABELS.join(', ')}`)
    if (seen.has(entry.label))
      throw fail(`[${i}].label ${entry.label} overlaps an earlier one: each label once`)
    seen.add(entry.label)
    const whole = typeof entry.size === 'number' && Number.isInteger(entry.size) && entry.size > 0
    if (!whole && entry.size !== 'rest')
      throw fail(`[${i}].size is ${entry.size}, expected MiB or 'rest'`)
    if (entry.size === 'rest' && i !== partitions.length - 1)
      throw fail(
        `[${i}] ${entry.label} takes the rest and overlaps ${partitions[i + 1].label}: put it last`,
      )
  })
  const missing = LABELS.find(label => !seen.has(label))
  if (missing !== undefined) throw fail(` has no ${missing}`)
  for (const kind of ['root', 'verity'] as const) {
    const size = (slot: string) => partitions.find(p => p.label === `${kind}-${slot}`).size
    if (size('a') !== size('b'))
      throw fail(`: ${kind}-a and ${kind}-b differ in size, slots are equal`)
  }
}

function fits(value: unknown, shape: Shape, path: string, file: string): void {
  const fail = (expected: string) =>
    new BoardError(
      'BOARD_FIELD',
      `${file}: ${path || 'board'} is ${JSON.stringify(value)}, expected ${expected}`,
    )
  if (shape === 'any') return
  if (shape === 'list') {
    if (!Array.isArray(value) || !value.every(item => typeof item === 'string'))
      throw fail('a list of texts')
  } else if (typeof shape === 'string') {
    if (typeof value !== shape || value === '' || (shape === 'number' && !((value as number) > 0)))
      throw fail(shape === 'string' ? 'a text' : 'a number above 0')
  } else if (Array.isArray(shape)) {
    if (!shape.includes(value as string)) throw fail(shape.join(' or '))
  } else {
    if (value === null || typeof value !== 'object')
      throw fail(`{ ${Object.keys(shape).join(', ')} }`)
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(shape, key)) continue
      const meant = nearest(key, Object.keys(shape))
      throw new BoardError(
        'BOARD_FIELD',
        `${file}: unknown field \`${path}${path && '.'}${key}\`${meant ? `, did you mean \`${meant}\`?` : ''}`,
      )
    }
    for (const [key, inner] of Object.entries(shape))
      fits(
        (value as Record<string, unknown>)[key],
        inner as Shape,
        path ? `${path}.${key}` : key,
        file,
      )
  }
}
