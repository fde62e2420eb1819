/**
 * DHKEM of RFC 9180, 4.1, over whoever can agree on a secret: a key in memory or a chip. The `hpke`
 * package brings the key derivation; its own DHKEM takes WebCrypto keys only, which a chip's are not.
 */
import { diffieHellman } from 'node:crypto'
import { KDF_HKDF_SHA256, LabeledExpand, LabeledExtract } from 'hpke'
import type { KEM, Key } from 'hpke'
import { type Algorithm, X25519 } from './algorithm.ts'
import { join, wipe } from './bytes.ts'
import { CryptoError } from './error.ts'
import { handleOf, PrivateKey } from './private-key.ts'
import { PublicKey } from './public-key.ts'
import type { Random } from './random.ts'

/** The private half of an encryption key, wherever it is. */
export type Agreement = {
  readonly decryptKey: PublicKey<'decrypt'>
  /**
   * The shared secret with the owner of `peer`, 32 bytes: X25519's result, or the x coordinate of the
   * point on P-256. A result of X25519 that is zero must be refused (RFC 9180, 7.1.4).
   */
  readonly agree: (peer: PublicKey<'decrypt'>) => Promise<Uint8Array>
}

/** A key in memory as one that agrees. */
export function agreement(key: PrivateKey<'decrypt'>): Agreement {
  return {
    decryptKey: key.publicKey,
    agree: async peer => {
      try {
        return diffieHellman({ privateKey: handleOf(key), publicKey: peer.handle })
      } catch {
        throw new CryptoError('KEY_INVALID', 'the public key is of small order')
      }
    },
  }
}

/** How the `hpke` package passes our keys along. */
export type KemKey = Key & {
  readonly public?: PublicKey<'decrypt'>
  readonly agreement?: Agreement
}

export const publicKemKey = (key: PublicKey<'decrypt'>): KemKey => ({
  ...plain(key, 'public'),
  public: key,
})
export const privateKemKey = (key: Agreement): KemKey => ({
  ...plain(key.decryptKey, 'private'),
  agreement: key,
})

const plain = (key: PublicKey<'decrypt'>, type: string) => ({
  algorithm: { name: key.algorithm.name },
  extractable: false,
  type,
})

const SHARED_BYTES = 32
const kdf = KDF_HKDF_SHA256()

/** @param random  of the sender's ephemeral key. */
export function dhkem(algorithm: Algorithm, random: Random): KEM<KemKey> {
  // RFC 9180, 7.1: 0x0020 is DHKEM(X25519, HKDF-SHA256), 0x0010 DHKEM(P-256, HKDF-SHA256).
  const id = algorithm === X25519 ? 0x0020 : 0x0010
  const suite = join(new TextEncoder().encode('KEM'), [id >> 8, id & 0xff])
  const word = (text: string) => new TextEncoder().encode(text)

  const shared = async (dh: Uint8Array, enc: Uint8Array, receiver: PublicKey<'decrypt'>) => {
    const prk = await LabeledExtract(kdf, suite, new Uint8Array(), word('eae_prk'), dh)
    const context = join(enc, receiver.raw)
    wipe(dh)
    return LabeledExpand(kdf, suite, prk, word('shared_secret'), context, SHARED_BYTES)
  }
  const absent = () => Promise.reject(new Error('keys are made by private-key.ts'))

  return {
    id,
    type: 'KEM',
    name: algorithm.name,
    Nsecret: SHARED_BYTES,
    Nenc: algorithm.publicBytes,
    Npk: algorithm.publicBytes,
    Nsk: 32,
    async Encap({ public: receiver }) {
      if (!receiver) throw new TypeError('a public key is needed')
      const ephemeral = PrivateKey.generate('decrypt', algorithm, random)
      const enc = ephemeral.publicKey.raw
      const dh = await agreement(ephemeral).agree(receiver)
      return { shared_secret: await shared(dh, enc, receiver), enc }
    },
    async Decap(enc, { agreement: own }) {
      if (!own) throw new TypeError('a private key is needed')
      const peer = PublicKey.from('decrypt', join([algorithm.id], enc))
      return shared(await own.agree(peer), enc, own.decryptKey)
    },
    DeriveKeyPair: absent,
    GenerateKeyPair: absent,
    SerializePublicKey: absent,
    DeserializePublicKey: absent,
    SerializePrivateKey: absent,
    DeserializePrivateKey: absent,
  }
}
