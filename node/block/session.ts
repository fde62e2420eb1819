/**
 * Sessions: a key in memory signs blocks, by a writecap of some hours from the node's own key, which
 * may be in a slow chip. So the chip signs a few times a day, not for every block.
 */
import { ED25519 } from '../crypto/algorithm.ts'
import { PrivateKey } from '../crypto/private-key.ts'
import { principalOf, type Principal } from '../crypto/principal.ts'
import type { Random } from '../crypto/random.ts'
import { sign, type Signer } from '../crypto/sign.ts'
import { BlockError } from './error.ts'
import { rootBlockId } from './id.ts'
import { CHAIN_MAX, writecapFormat, type Writecap } from './writecap.ts'

const HOUR = 3600_000
/** Clocks of others may be behind. */
const BEHIND = 5 * 60_000

/** Signs headers: the key, and the chain that goes into the header with it. */
export type Writer = Signer & { readonly chain: readonly Uint8Array[] }

export type SessionOptions = {
  readonly tree: Principal
  /** Whose right is handed on: a credential store. */
  readonly credentials: Signer
  /** From the root key to `credentials`; none when that is the root key. */
  readonly chain: readonly Uint8Array[]
  /** Ms since 1970. */
  readonly clock: () => number
  readonly random: Random
  /** How long a session key is used, 4 if not given. */
  readonly hours?: number
}

type Current = { readonly writer: Writer; readonly cap: Writecap; readonly renewAt: number }

export class Session {
  readonly #options: Required<SessionOptions>
  /** The links of `chain`. */
  readonly #links: readonly Writecap[]
  #current: Current | undefined
  #coming: Promise<Current> | undefined
  /** Times the credentials have signed. */
  renewals = 0

  /**
   * @throws {CodecError}, {CryptoError} a link of `chain` is none.
   * @throws {BlockError} `SESSION_DEPTH` the last link may not be handed on; `CHAIN_LONG`;
   *   `CHAIN_WRITER` it is not for `credentials`.
   */
  constructor(options: SessionOptions) {
    this.#options = { hours: 4, ...options }
    this.#links = options.chain.map(signed => writecapFormat.open(signed))
    const last = this.#links.at(-1)
    const self = principalOf(options.credentials.signKey)
    if (last && last.to !== self)
      throw new BlockError(
        'CHAIN_WRITER',
        `the chain is for ${last.to}, the credentials are ${self}`,
      )
    if (last?.depth === 0)
      throw new BlockError(
        'SESSION_DEPTH',
        'the writecap may not be handed on to a session key: ask the owner for one with depth 1',
      )
    if (this.#links.length >= CHAIN_MAX)
      throw new BlockError(
        'CHAIN_LONG',
        `the chain has ${this.#links.length} links, a session adds one, at most ${CHAIN_MAX}`,
      )
  }

  /**
   * A key that is valid now, and for some time: sign at once, ask again for the next header.
   *
   * @throws {BlockError} `SESSION_OVER` a link of the chain has ended.
   * @throws {Error} what the credentials throw, when there is no valid key left.
   */
  async signer(): Promise<Writer> {
    const now = this.#options.clock()
    const held = this.#current
    const valid = held !== undefined && held.cap.notBefore <= now && now < held.cap.expires
    if (valid && now < held.renewAt) return held.writer
    const coming = this.#coming ?? this.#start(now)
    if (!valid) return (await coming).writer
    // A chip that is busy or gone for a while does not stop whoever still has a good key.
    coming.catch(() => {})
    return held.writer
  }

  /** Lets go of the key; the next {@link signer} makes another. */
  close(): void {
    this.#current = this.#coming = undefined
  }

  #start(now: number): Promise<Current> {
    const coming = this.#renew(now)
      .then(current => {
        if (this.#coming === coming) this.#current = current
        return current
      })
      .finally(() => {
        if (this.#coming === coming) this.#coming = undefined
      })
    return (this.#coming = coming)
  }

  async #renew(now: number): Promise<Current> {
    const { tree, credentials, chain, random, hours } = this.#options
    const last = this.#links.at(-1)
    const expires = Math.min(now + hours * HOUR, ...this.#links.map(link => link.expires))
    const notBefore = Math.max(now - BEHIND, ...this.#links.map(link => link.notBefore))
    if (expires <= now)
      throw new BlockError(
        'SESSION_OVER',
        `the right to write ended at ${expires}, it is ${now}: ask the owner for another`,
      )
    const key = PrivateKey.generate('sign', ED25519, random)
    const cap: Writecap = {
      v: 1,
      tree,
      issuer: credentials.signKey,
      to: principalOf(key.publicKey),
      scope: last?.scope ?? rootBlockId(tree),
      notBefore: Math.max(0, notBefore),
      expires,
      depth: 0,
    }
    const signed = await writecapFormat.sign(cap, credentials)
    this.renewals++
    const writer: Writer = {
      signKey: key.publicKey,
      sign: async input => sign(key, input),
      chain: [...chain, signed],
    }
    return { writer, cap, renewAt: expires - (expires - now) / 4 }
  }
}
