/** A tree that is the same in every run: its root, writers, blocks, and headers of them. */
import type { SigningInput } from '../../../node/codec/signing.ts'
import { sealAttributes, type Attributes } from '../../../node/block/attributes.ts'
import { CapabilityCache } from '../../../node/block/capability-cache.ts'
import type { Authority } from '../../../node/block/chain.ts'
import { Revocations } from '../../../node/block/revocations.ts'
import { openRoots } from '../../../node/block/roots.ts'
import { forParent, type EpochKey } from '../../../node/block/block-key.ts'
import { asMultihash } from '../../../node/block/hash-schema.ts'
import { signHeader, type OpenHeader } from '../../../node/block/header.ts'
import type { Header } from '../../../node/block/header-schema.ts'
import { newBlockId, rootBlockId, type BlockId } from '../../../node/block/id.ts'
import { EMPTY_ROOT } from '../../../node/block/merkle-hash.ts'
import { rootRecordFormat } from '../../../node/block/root-record.ts'
import { writecapFormat, type Writecap } from '../../../node/block/writecap.ts'
import { successorCommitment } from '../../../node/crypto/root-key.ts'
import { principalOf, type Principal } from '../../../node/crypto/principal.ts'
import { sign, type Signer } from '../../../node/crypto/sign.ts'
import { SymmetricKey } from '../../../node/crypto/symmetric-key.ts'
import { fixedKeys, repeatable, type CURVES } from '../crypto/fixed.ts'

/** 2026-11-23, noon UTC. */
export const NOW = 1795435200000
export const HOUR = 3600_000

export type Somebody = Signer & { readonly principal: Principal }

/** Whoever `name` is: always the same keys. */
export function somebody(name: string, curve: keyof typeof CURVES = '25519'): Somebody {
  const key = fixedKeys(curve, name).sign
  return {
    signKey: key.publicKey,
    principal: principalOf(key.publicKey),
    sign: async (input: SigningInput) => sign(key, input),
  }
}

export const OWNER = somebody('owner')
export const TREE = OWNER.principal
export const ROOT = rootBlockId(TREE)

export const block = (name: string): BlockId => newBlockId(repeatable(`block ${name}`))
export const keyOf = (name: string, epoch = 1): EpochKey => ({
  epoch,
  key: SymmetricKey.generate(repeatable(`key ${name} ${epoch}`)),
})

export const ATTRIBUTES: Attributes = {
  v: 1,
  size: 0,
  mode: 0o644,
  modified: NOW,
  created: NOW - HOUR,
}

/** A writecap of `from` for `to`, signed: for an hour, for the whole tree, to be handed on. */
export function cap(
  from: Signer,
  to: Somebody | Principal,
  change: Partial<Writecap> = {},
): Promise<Uint8Array> {
  return writecapFormat.sign(
    {
      v: 1,
      tree: TREE,
      issuer: from.signKey,
      to: typeof to === 'string' ? to : to.principal,
      scope: ROOT,
      notBefore: NOW,
      expires: NOW + HOUR,
      depth: 7,
      ...change,
    },
    from,
  )
}

/** A file below the root block, its first header, by the owner. */
export function fileHeader(change: Partial<Header> = {}): Header {
  const id = change.id ?? block('file')
  const place = { tree: TREE, id }
  const key = keyOf(`file ${id}`)
  const random = repeatable(`header ${id}`)
  return {
    v: 1,
    ...place,
    kind: 'file',
    generation: 1n,
    epoch: 1,
    parents: [forParent(place, key, ROOT, keyOf('root'), random)],
    readcaps: [],
    history: [],
    attributes: sealAttributes(key.key, place, 1, ATTRIBUTES, random),
    sectorSize: 65536,
    sectors: 0,
    merkleRoot: asMultihash(EMPTY_ROOT),
    copies: 0,
    time: NOW,
    writer: OWNER.signKey,
    chain: [],
    revocations: [],
    ...change,
  }
}

/** The root block's first header. */
export async function rootHeader(change: Partial<Header> = {}): Promise<Header> {
  const place = { tree: TREE, id: ROOT }
  const sealed = sealAttributes(keyOf('root').key, place, 1, ATTRIBUTES, repeatable('root'))
  const successor = successorCommitment(somebody('owner 1').signKey)
  const record = {
    v: 1,
    tree: TREE,
    generation: 0,
    key: OWNER.signKey,
    successor,
    at: NOW,
  } as const
  return fileHeader({
    id: ROOT,
    kind: 'directory',
    parents: [],
    attributes: sealed,
    sectorSize: 4096,
    roots: [await rootRecordFormat.sign(record, OWNER)],
    ...change,
  })
}

/** What a verifier knows at `NOW`, when nothing was revoked. */
export const ROOTS = openRoots(TREE, (await rootHeader()).roots!, new CapabilityCache())
export const AUTHORITY = (): Authority => ({
  roots: ROOTS,
  revocations: Revocations.none,
  cache: new CapabilityCache(),
  at: NOW,
})

/** The header that follows `before`. */
export function nextHeader(before: OpenHeader, change: Partial<Header> = {}): Header {
  const { header, hash } = before
  return { ...header, generation: header.generation + 1n, previous: hash, ...change }
}

export const signed = (header: Header, by: Signer = OWNER): Promise<OpenHeader> =>
  signHeader({ ...header, writer: by.signKey }, by)
