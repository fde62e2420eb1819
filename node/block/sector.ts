/**
 * Sectors: a block's content in pieces, each sealed alone.
 *
 * Layout: epoch of the block key, u32 big-endian (4) | sealed content (n + 29). A *hole*, a sector that
 * was never written and reads as zeros, has no bytes; its hash is 32 zero bytes.
 */
import type { SymmetricKey } from '../crypto/symmetric-key.ts'
import type { Random } from '../crypto/random.ts'
import { seal, SEAL_OVERHEAD, unseal } from '../crypto/seal.ts'
import { CryptoError } from '../crypto/error.ts'
import { contextOf, type Place } from './context.ts'

/** For files that are read and written from front to back. */
export const SEQUENTIAL_SECTOR = 65536
/** For files that are read and written anywhere, and for directories. */
export const RANDOM_SECTOR = 4096

/** Bytes that a sector has more than its content. */
export const SECTOR_OVERHEAD = 4 + SEAL_OVERHEAD

/**
 * @param index  of the sector in the block, from 0.
 * @param into   memory for the result, of just its length; new when missing.
 */
export function sealSector(
  key: SymmetricKey,
  place: Place,
  epoch: number,
  index: number,
  plain: Uint8Array,
  random: Random,
  into?: Buffer,
): Uint8Array {
  const head = Buffer.allocUnsafe(4)
  head.writeUInt32BE(epoch)
  return seal(key, contextOf('sector', place, epoch, index), plain, random, head, into)
}

/**
 * The epoch whose key opens `sector`; rule 5, see `rules.ts`, says which ones there may be.
 *
 * @throws {CryptoError} `SEALED_MALFORMED` when there are not even that many bytes.
 */
export function sectorEpoch(sector: Uint8Array): number {
  if (sector.length < SECTOR_OVERHEAD)
    throw new CryptoError(
      'SEALED_MALFORMED',
      `found a sector of ${sector.length} bytes, expected at least ${SECTOR_OVERHEAD}`,
    )
  return ((sector[0]! << 24) | (sector[1]! << 16) | (sector[2]! << 8) | sector[3]!) >>> 0
}

/**
 * Reverses {@link sealSector}.
 *
 * @param key  of the epoch that {@link sectorEpoch} tells.
 * @throws {CryptoError} as {@link unseal}.
 */
export function openSector(
  key: SymmetricKey,
  place: Place,
  index: number,
  sector: Uint8Array,
): Uint8Array {
  const context = contextOf('sector', place, sectorEpoch(sector), index)
  return unseal(key, context, sector.subarray(4))
}
