/** The values in the golden files of blocks, signed by keys that are always the same. */
import { acceptanceFormat } from '../../../node/block/acceptance.ts'
import {
  attributesFormat,
  sealAttributes,
  type Attributes,
} from '../../../node/block/attributes.ts'
import { forHistory, forParent, forReader } from '../../../node/block/block-key.ts'
import { contextOf } from '../../../node/block/context.ts'
import { asMultihash } from '../../../node/block/hash-schema.ts'
import { leafHash, rootOver } from '../../../node/block/merkle-hash.ts'
import { revocationFormat } from '../../../node/block/revocation.ts'
import { rootRecordFormat } from '../../../node/block/root-record.ts'
import { sealSector } from '../../../node/block/sector.ts'
import { signingInput } from '../../../node/codec/signing.ts'
import { multihash } from '../../../node/crypto/hash.ts'
import { principalBytes } from '../../../node/crypto/principal.ts'
import { successorCommitment } from '../../../node/crypto/root-key.ts'
import { ascii, fixedKeys, repeatable } from '../crypto/fixed.ts'
import {
  ATTRIBUTES,
  block,
  cap,
  fileHeader,
  HOUR,
  keyOf,
  NOW,
  OWNER,
  ROOT,
  rootHeader,
  signed,
  somebody,
  TREE,
} from './sample.ts'

const random = repeatable('golden')
const [node, session] = [somebody('node'), somebody('session')]
const directory = block('directory')
export const PLACE = { tree: TREE, id: block('file') }
export const KEYS = [1, 2].map(epoch => keyOf('golden', epoch))
const [earlier, key] = KEYS as [(typeof KEYS)[0], (typeof KEYS)[0]]

export const ATTRIBUTES_OF_FILE: Attributes = { ...ATTRIBUTES, size: 65541, type: 'text/plain' }
export const CONTENT = [new Uint8Array(65536).fill(0x2a), ascii('hello')] as const

/** Two sectors: one that was not resealed yet, and the last one, of 5 bytes. */
export const SECTORS = CONTENT.map((plain, i) =>
  sealSector(KEYS[i]!.key, PLACE, i + 1, i, plain, random),
)
export const LEAVES = Buffer.concat(SECTORS.map((sector, i) => leafHash(i, sector)))

export const writecap = await cap(OWNER, node)
const link = await cap(node, session, { scope: directory, depth: 0 })
export const revocation = await revocationFormat.sign(
  {
    v: 1,
    tree: TREE,
    scope: PLACE.id,
    cap: multihash(await cap(OWNER, somebody('former'), { scope: PLACE.id })),
    expires: NOW + HOUR,
    by: OWNER.signKey,
    at: NOW,
  },
  OWNER,
)
export const rootRecord = await rootRecordFormat.sign(
  {
    v: 1,
    tree: TREE,
    generation: 0,
    key: OWNER.signKey,
    successor: successorCommitment(somebody('owner 1').signKey),
    at: NOW,
  },
  OWNER,
)

const reader = { ...somebody('reader'), to: fixedKeys('25519', 'reader').decrypt.publicKey }
const parents = [forParent(PLACE, key, directory, keyOf('directory', 3), random)]
export const first = await signed(fileHeader({ ...PLACE, parents }))
/** From the root block to the file's directory. */
export const PATH = [ROOT, directory]
export const header = await signed(
  fileHeader({
    ...PLACE,
    generation: 2n,
    previous: first.hash,
    epoch: 2,
    parents,
    readcaps: [await forReader(PLACE, key, reader.principal, reader.to, random)],
    history: [forHistory(PLACE, earlier, key, random)],
    attributes: sealAttributes(key.key, PLACE, 2, ATTRIBUTES_OF_FILE, random),
    sectors: 2,
    merkleRoot: asMultihash(rootOver(LEAVES)),
    copies: 3,
    chain: [writecap, link],
    revocations: [revocation],
  }),
  session,
)
export const rootBlock = await signed(await rootHeader({ publicKey: repeatable('public')(32) }))

export const acceptance = await acceptanceFormat.sign(
  {
    v: 1,
    tree: TREE,
    at: NOW + 1000,
    by: node.signKey,
    chain: [writecap],
    blocks: [{ id: PLACE.id, generation: 2n, hash: header.hash }],
  },
  node,
)

/** What each file holds, by its name; made again by every run. */
export const FILES: Readonly<Record<string, Uint8Array>> = {
  'root-block-id.bin': signingInput('root-block', principalBytes(TREE)),
  'context-sector.bin': contextOf('sector', PLACE, 2, 1),
  'context-parent.bin': contextOf('parent', PLACE, 2, 3, directory),
  'sector.bin': SECTORS[1]!,
  'page.bin': LEAVES,
  'attributes.cbor': attributesFormat.encode(ATTRIBUTES_OF_FILE),
  'writecap.cbor': writecap,
  'revocation.cbor': revocation,
  'root-record.cbor': rootRecord,
  'header.cbor': header.bytes,
  'root-block.cbor': rootBlock.bytes,
  'acceptance.cbor': acceptance,
}
