/**
 * Root keys: what owns a blocktree. All of one comes from the 24 words of its recovery phrase.
 *
 * Derivation: seed = BIP-39's seed of the phrase (64 bytes), no passphrase. Each private key is
 * HKDF-SHA256 (RFC 5869) of it, 32 bytes, with salt `blocktree root key 1` and info
 * `sign ed25519 G` or `decrypt x25519 G` in ASCII, where G is the generation in decimal, 0 at first.
 * The next generation succeeds this one: the tree holds the hash of its public key beforehand, so it
 * takes over when a machine that held this one's keys is lost, without a second phrase to keep. Who
 * has the phrase has all generations.
 */
import { hkdfSync } from 'node:crypto'
import { inspect } from 'node:util'
import { ED25519, X25519, type Algorithm, type Use } from './algorithm.ts'
import { equal, join, wipe } from './bytes.ts'
import type { CredentialStore } from './credential-store.ts'
import { multihash } from './hash.ts'
import { recordOf, storeOf, type KeyPairs } from './key-pairs.ts'
import { PrivateKey } from './private-key.ts'
import type { PublicKey } from './public-key.ts'
import type { Random } from './random.ts'
import { RootError } from './root-error.ts'
import { ENTROPY_BYTES, entropyOf, phraseOf, seedOf } from './root-phrase.ts'

export const GENERATION_MAX = 9999

const SALT = 'blocktree root key 1'

export class RootKey {
  /** 0 to 9999. */
  readonly generation: number
  #entropy: Uint8Array | undefined

  private constructor(entropy: Uint8Array, generation: number) {
    this.#entropy = entropy
    this.generation = generation
  }

  static create(random: Random): RootKey {
    const drawn = random(ENTROPY_BYTES)
    const key = new RootKey(Uint8Array.from(drawn), 0)
    wipe(drawn)
    return key
  }

  /**
   * @param phrase  24 words.
   * @throws {RootError} `ROOT_PHRASE_LENGTH`, `ROOT_PHRASE_WORD`, `ROOT_PHRASE_CHECKSUM`.
   */
  static fromPhrase(phrase: string, generation = 0): RootKey {
    if (!Number.isInteger(generation) || generation < 0 || generation > GENERATION_MAX)
      throw new RangeError(`the generation is ${generation}, expected 0 to ${GENERATION_MAX}`)
    return new RootKey(entropyOf(phrase), generation)
  }

  /** The 24 words, for the owner's eyes. Text cannot be wiped: show it and let it go. */
  phrase(): string {
    return phraseOf(this.#held())
  }

  /** The key that succeeds this one; of the same phrase. */
  successor(): RootKey {
    return RootKey.fromPhrase(this.phrase(), this.generation + 1)
  }

  /** The signing and decrypting key, some ms of work. */
  async keys(): Promise<KeyPairs> {
    const seed = await seedOf(this.#held())
    try {
      return {
        sign: this.#derive(seed, 'sign', ED25519, 'ed25519'),
        decrypt: this.#derive(seed, 'decrypt', X25519, 'x25519'),
      }
    } finally {
      wipe(seed)
    }
  }

  /** The keys in memory, to be used as any other credentials. */
  async open(): Promise<CredentialStore> {
    const keys = await this.keys()
    return storeOf('memory', keys, await recordOf(keys))
  }

  /** Zeroes the entropy; whatever needs it afterwards throws `ROOT_WIPED`. */
  wipe(): void {
    wipe(this.#entropy)
    this.#entropy = undefined
  }

  toString(): string {
    return `[root key, generation ${this.generation}]`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }

  #held(): Uint8Array {
    if (this.#entropy) return this.#entropy
    throw new RootError('ROOT_WIPED', 'the root key was wiped, unlock it again')
  }

  #derive<U extends Use>(seed: Uint8Array, use: U, algorithm: Algorithm, name: string) {
    const info = `${use} ${name} ${this.generation}`
    const raw = new Uint8Array(hkdfSync('sha256', seed, SALT, info, 32))
    const bytes = join([algorithm.id], raw)
    try {
      return PrivateKey.from(use, bytes)
    } finally {
      wipe(raw, bytes)
    }
  }
}

/** What a root block says of the key that will succeed its own: the multihash of its 33 bytes. */
export function successorCommitment(key: PublicKey<'sign'>): Uint8Array {
  return multihash(key.bytes)
}

/**
 * @param commitment  34 bytes, of the root block.
 * @throws {RootError} `ROOT_SUCCESSOR_OTHER` when `key` is not the one announced.
 */
export function expectSuccessor(commitment: Uint8Array, key: PublicKey<'sign'>): void {
  if (!equal(commitment, successorCommitment(key)))
    throw new RootError(
      'ROOT_SUCCESSOR_OTHER',
      'the key is not the successor that the root block announced',
    )
}
