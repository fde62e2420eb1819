/**
 * Acceptances: a node of the owner says that it has taken headers at a time, when their writers were
 * allowed to write. So they stay valid when the writers’ capabilities have ended.
 */
import { format } from '../codec/format.ts'
import { list } from '../codec/list.ts'
import { object } from '../codec/object.ts'
import { bytes, constant, u53, u64 } from '../codec/scalars.ts'
import type { Infer } from '../codec/schema.ts'
import { equal } from '../crypto/bytes.ts'
import type { Principal } from '../crypto/principal.ts'
import { signedFormat } from '../crypto/signed.ts'
import { checkChain, type Authority } from './chain.ts'
import { BlockError } from './error.ts'
import { multihashSchema } from './hash-schema.ts'
import type { OpenHeader } from './header.ts'
import { blockIdSchema, rootBlockId } from './id.ts'
import { signKeySchema, whoSchema, whoSigns } from './known.ts'
import { CHAIN_MAX, writecapFormat } from './writecap.ts'

/** Blocks in an acceptance. */
export const ACCEPTED_MAX = 1024

const body = object({
  v: constant(1),
  tree: whoSchema,
  /** Ms since 1970. */
  at: u53,
  by: signKeySchema,
  /** Signed writecaps for the whole tree, from the root key to `by`; none when that is `by`. */
  chain: list(bytes({ max: writecapFormat.maxBytes }), { max: CHAIN_MAX }),
  /** Headers: `hash` is the multihash of the signed one. */
  blocks: list(object({ id: blockIdSchema, generation: u64, hash: multihashSchema }), {
    min: 1,
    max: ACCEPTED_MAX,
  }),
})

export type Acceptance = Infer<typeof body>

export const acceptanceFormat = signedFormat(
  'acceptance',
  format('acceptance', body),
  ({ by }) => by,
)

/**
 * An acceptance by one who may write the whole tree.
 *
 * @param authority  `at` is not used: the chain has to be valid when the acceptance was signed.
 * @throws {CodecError}, {CryptoError} it is none.
 * @throws {BlockError} `ACCEPTANCE_OTHER` it is of another tree; as {@link checkChain}.
 */
export function openAcceptance(
  tree: Principal,
  signed: Uint8Array,
  authority: Omit<Authority, 'at'>,
): Acceptance {
  const acceptance = acceptanceFormat.open(signed)
  if (acceptance.tree !== tree)
    throw new BlockError('ACCEPTANCE_OTHER', `it is of the tree ${acceptance.tree}, not ${tree}`)
  const { at, by, chain } = acceptance
  const claim = { tree, writer: whoSigns(by), chain, path: [rootBlockId(tree)] }
  checkChain(claim, { ...authority, at, revocations: authority.revocations.until(at) })
  return acceptance
}

/** @throws {BlockError} `ACCEPTANCE_OTHER` when `acceptance` does not name this header. */
export function expectAccepted(acceptance: Acceptance, { header, hash }: OpenHeader): void {
  const { tree, id, generation } = header
  const named = acceptance.blocks.some(
    one => one.id === id && one.generation === generation && equal(one.hash, hash),
  )
  if (!named || acceptance.tree !== tree)
    throw new BlockError(
      'ACCEPTANCE_OTHER',
      `the acceptance does not name generation ${generation} of block ${id} as it is`,
    )
}
