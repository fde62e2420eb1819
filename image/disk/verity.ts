/**
 * dm-verity hash devices, byte for byte as `veritysetup format` (cryptsetup 2.7) makes them with
 * SHA-256 and 4 KiB blocks. Layout of the hash device, in blocks of 4096 bytes:
 *
 *   0 superblock (512 bytes, rest zero) | top level | … | level 0, the hashes of the data blocks
 *
 * Each hash block holds 128 digests of the level below, zeros after the last; a digest is
 * SHA-256(salt | block). Source: cryptsetup wiki, "DMVerity", on-disk format version 1.
 */
import { hash } from 'node:crypto'
import type { Bytes } from './bytes.ts'
import { uuidBytes, uuidText } from './guid.ts'

export const BLOCK = 4096
const DIGEST = 32
const PER_BLOCK = BLOCK / DIGEST
const MAX_SALT = 256
const MAGIC = 'verity\0\0'
/** Blocks read at a time: 1 MiB. */
const CHUNK = 256

export type VerityErrorCode =
  | 'VERITY_BAD_INPUT' // data size, salt or UUID can't be used
  | 'VERITY_BAD_SUPERBLOCK' // not a superblock, or one that this code does not write

/** A hash device that can't be made or can't be read. */
export class VerityError extends Error {
  readonly code: VerityErrorCode
  constructor(code: VerityErrorCode, message: string) {
    super(message)
    this.name = 'VerityError'
    this.code = code
  }
}

export type VerityParams = {
  /** 0 to 256 bytes that go in front of every block. */
  readonly salt: Uint8Array
  readonly uuid: string
}

export type VeritySuperblock = VerityParams & { readonly dataBlocks: number }

/**
 * Makes the hash device of `data`.
 *
 * @returns `device`: all its bytes; `rootHash`: 32 bytes, what the kernel's command line carries.
 * @throws {VerityError} `VERITY_BAD_INPUT` when the data are empty or not whole blocks of 4096
 *   bytes, the salt is over 256 bytes or the UUID is not one.
 */
export function verityFormat(
  data: Bytes,
  params: VerityParams,
): { device: Buffer; rootHash: Buffer } {
  if (data.size === 0 || data.size % BLOCK !== 0)
    throw new VerityError(
      'VERITY_BAD_INPUT',
      `the data are ${data.size} bytes, a multiple of ${BLOCK} above 0 expected`,
    )
  const dataBlocks = data.size / BLOCK
  const levels = levelBlocks(dataBlocks)
  const device = Buffer.alloc(hashDeviceBytes(dataBlocks))
  superblock({ ...params, dataBlocks }).copy(device)

  let offset = device.length
  const chunk = Buffer.allocUnsafe(CHUNK * BLOCK)
  let below: (first: number, count: number) => Buffer = (first, count) =>
    data.read(first * BLOCK, count * BLOCK, chunk)
  let belowBlocks = dataBlocks
  for (const blocks of levels) {
    const area = device.subarray(offset - blocks * BLOCK, offset)
    offset -= area.length
    digests(below, belowBlocks, params.salt, area)
    below = (first, count) => area.subarray(first * BLOCK, (first + count) * BLOCK)
    belowBlocks = blocks
  }
  const rootHash = Buffer.alloc(DIGEST)
  digests(below, 1, params.salt, rootHash)
  return { device, rootHash }
}

/** Size in bytes of the hash device of so many data blocks, superblock included. */
export function hashDeviceBytes(dataBlocks: number): number {
  return (1 + levelBlocks(dataBlocks).reduce((a, b) => a + b, 0)) * BLOCK
}

/**
 * Reads the superblock at the start of a hash device.
 *
 * @param bytes  at least 512.
 * @throws {VerityError} `VERITY_BAD_SUPERBLOCK` when it is not one of version 1, SHA-256, 4 KiB.
 */
export function parseVeritySuperblock(bytes: Buffer): VeritySuperblock {
  const need = (what: string, found: string | number, expected: string | number) => {
    if (found !== expected)
      throw new VerityError(
        'VERITY_BAD_SUPERBLOCK',
        `verity superblock: ${what} is ${found}, ${expected} expected`,
      )
  }
  if (bytes.length < 512) need('its length', bytes.length, 512)
  need('signature', bytes.toString('latin1', 0, 8), MAGIC)
  need('version', bytes.readUInt32LE(8), 1)
  need('hash type', bytes.readUInt32LE(12), 1)
  need('algorithm', bytes.toString('latin1', 32, 64).replace(/\0+$/, ''), 'sha256')
  need('data block size', bytes.readUInt32LE(64), BLOCK)
  need('hash block size', bytes.readUInt32LE(68), BLOCK)
  const dataBlocks = Number(bytes.readBigUInt64LE(72))
  const saltSize = bytes.readUInt16LE(80)
  if (dataBlocks < 1 || dataBlocks > 2 ** 40) need('data blocks', dataBlocks, '1 to 2^40')
  if (saltSize > MAX_SALT) need('salt size', saltSize, `at most ${MAX_SALT}`)
  return {
    dataBlocks,
    uuid: uuidText(bytes.subarray(16, 32)),
    salt: Buffer.from(bytes.subarray(88, 88 + saltSize)),
  }
}

/** Hash blocks per level, level 0 first; none when there is a single data block. */
function levelBlocks(dataBlocks: number): number[] {
  const levels: number[] = []
  for (let n = dataBlocks; n > 1;) levels.push((n = Math.ceil(n / PER_BLOCK)))
  return levels
}

function digests(
  read: (first: number, count: number) => Buffer,
  blocks: number,
  salt: Uint8Array,
  into: Buffer,
): void {
  // One call per block is what hashing here costs least by; it needs salt and block side by side.
  const salted = Buffer.alloc(salt.length + BLOCK)
  salted.set(salt)
  for (let first = 0; first < blocks; first += CHUNK) {
    const count = Math.min(CHUNK, blocks - first)
    const chunk = read(first, count)
    for (let i = 0; i < count; i++) {
      chunk.copy(salted, salt.length, i * BLOCK, (i + 1) * BLOCK)
      hash('sha256', salted, 'buffer').copy(into, (first + i) * DIGEST)
    }
  }
}

function superblock({ salt, uuid, dataBlocks }: VeritySuperblock): Buffer {
  if (salt.length > MAX_SALT)
    throw new VerityError(
      'VERITY_BAD_INPUT',
      `the salt is ${salt.length} bytes, at most ${MAX_SALT} expected`,
    )
  const sb = Buffer.alloc(512)
  sb.write(MAGIC, 0, 'latin1')
  sb.writeUInt32LE(1, 8)
  sb.writeUInt32LE(1, 12)
  try {
    uuidBytes(uuid).copy(sb, 16)
  } catch (error) {
    throw new VerityError('VERITY_BAD_INPUT', `verity: ${(error as Error).message}`)
  }
  sb.write('sha256', 32, 'latin1')
  sb.writeUInt32LE(BLOCK, 64)
  sb.writeUInt32LE(BLOCK, 68)
  sb.writeBigUInt64LE(BigInt(dataBlocks), 72)
  sb.writeUInt16LE(salt.length, 80)
  sb.set(salt, 88)
  return sb
}
