/**
 * Block keys, and how those who may read come by them: from the parent's key, from a readcap, or, for
 * sectors of an earlier epoch, from the block's own key.
 */
import { unwrapKeyWith, wrapKeyTo, type Opener } from '../crypto/hpke.ts'
import type { PublicKey } from '../crypto/public-key.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Random } from '../crypto/random.ts'
import { unwrapKey, wrapKey } from '../crypto/seal.ts'
import { SymmetricKey } from '../crypto/symmetric-key.ts'
import { contextOf, type Place } from './context.ts'
import { BlockError } from './error.ts'
import type { EarlierKey, Header, Parent, Readcap } from './header-schema.ts'
import type { BlockId } from './id.ts'

/** A block's key, and which of them it is. */
export type EpochKey = { readonly epoch: number; readonly key: SymmetricKey }

/** The entry of `parents` that lets the readers of `parent` read the block too. */
export function forParent(
  place: Place,
  { epoch, key }: EpochKey,
  parent: BlockId,
  under: EpochKey,
  random: Random,
): Parent {
  const context = contextOf('parent', place, epoch, under.epoch, parent)
  return { id: parent, epoch: under.epoch, key: wrapKey(under.key, context, key, random) }
}

/**
 * The block's key.
 *
 * @param parent  one of `header.parents`.
 * @param under   the parent's key of the epoch that `parent.epoch` names.
 * @throws {CryptoError} `SEALED_NOT_AUTHENTIC`.
 */
export function fromParent(header: Header, parent: Parent, under: SymmetricKey): SymmetricKey {
  const context = contextOf('parent', header, header.epoch, parent.epoch, parent.id)
  return unwrapKey(under, context, parent.key)
}

/** The entry of `readcaps` that lets `reader` read the block and all that is below it. */
export async function forReader(
  place: Place,
  { epoch, key }: EpochKey,
  reader: Principal,
  to: PublicKey<'decrypt'>,
  random: Random,
): Promise<Readcap> {
  const info = contextOf('reader', place, epoch)
  return { reader, to, key: await wrapKeyTo(to, { info }, key, random) }
}

/**
 * The block's key.
 *
 * @param opener  holds the private key of `readcap.to`.
 * @throws {CryptoError} `SEALED_MALFORMED`, `SEALED_NOT_AUTHENTIC`.
 */
export function fromReadcap(
  header: Header,
  readcap: Readcap,
  opener: Opener,
): Promise<SymmetricKey> {
  return unwrapKeyWith(opener, { info: contextOf('reader', header, header.epoch) }, readcap.key)
}

/** The entry of `history` for a key that the header's key replaces. */
export function forHistory(
  place: Place,
  earlier: EpochKey,
  under: EpochKey,
  random: Random,
): EarlierKey {
  const context = contextOf('earlier', place, earlier.epoch, under.epoch)
  return { epoch: earlier.epoch, key: wrapKey(under.key, context, earlier.key, random) }
}

/**
 * The block's key of `epoch`.
 *
 * @param key  the header's, of `header.epoch`; returned itself when that is the epoch.
 * @throws {BlockError} `BLOCK_EPOCH`.
 * @throws {CryptoError} `SEALED_NOT_AUTHENTIC`.
 */
export function keyOfEpoch(header: Header, key: SymmetricKey, epoch: number): SymmetricKey {
  if (epoch === header.epoch) return key
  const earlier = header.history.find(one => one.epoch === epoch)
  if (!earlier)
    throw new BlockError(
      'BLOCK_EPOCH',
      `block ${header.id} has no key of epoch ${epoch}, its own is ${header.epoch}`,
    )
  return unwrapKey(key, contextOf('earlier', header, epoch, header.epoch), earlier.key)
}

/** The key of a public block; undefined for others. */
export function publicKeyOf({ publicKey }: Header): SymmetricKey | undefined {
  return publicKey && SymmetricKey.from(publicKey)
}
