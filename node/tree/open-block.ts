/**
 * A block while an operation works on it: as it is kept, and how it will be. Nothing is written here;
 * {@link OpenBlock.seal} makes the header and the pieces that the change of `work.ts` consists of.
 */
import { sealAttributes, openAttributes, type Attributes } from '../block/attributes.ts'
import { forHistory, forParent, forReader, keyOfEpoch, type EpochKey } from '../block/block-key.ts'
import type { Place } from '../block/context.ts'
import { asMultihash, digestOf } from '../block/hash-schema.ts'
import { HISTORY_MAX } from '../block/header-schema.ts'
import type { EarlierKey, Header, Parent, Readcap } from '../block/header-schema.ts'
import { signHeader, type OpenHeader } from '../block/header.ts'
import type { BlockId } from '../block/id.ts'
import type { Kind } from '../block/kind.ts'
import { EMPTY_ROOT, isHole, leafHash } from '../block/merkle-hash.ts'
import { mapKey } from '../block/recent.ts'
import { sealSector, SEQUENTIAL_SECTOR } from '../block/sector.ts'
import type { Writer } from '../block/session.ts'
import { SymmetricKey } from '../crypto/symmetric-key.ts'
import type { Piece } from '../store/change.ts'
import { decodeBucket, encodeBucket } from './bucket.ts'
import { Content, padded } from './content.ts'
import { TreeError } from './error.ts'
import type { Made } from './file-version.ts'
import type { Means } from './means.ts'
import { NameTable, type Names } from './name-table.ts'

/** What a new block begins with. */
export type NewBlock = {
  readonly place: Place
  readonly kind: Kind
  readonly attributes: Attributes
  readonly sectorSize?: number
  readonly key?: SymmetricKey
}

export class OpenBlock {
  readonly place: Place
  readonly kind: Kind
  /** As it is kept; undefined for a new one. */
  readonly base: OpenHeader | undefined
  epoch = 1
  parents: readonly Parent[] = []
  readcaps: readonly Readcap[] = []
  history: readonly EarlierKey[] = []
  revocations: readonly Uint8Array[] = []
  roots: readonly Uint8Array[] | undefined
  copies = 0
  sectorSize = SEQUENTIAL_SECTOR
  /** What of it will be written. */
  changed = false
  removed = false
  readonly #means: Means
  readonly #keys = new Map<number, SymmetricKey>()
  #attributes: Attributes | undefined
  #sealedAttributes: Uint8Array | undefined
  #content: Content | undefined
  #names: NameTable | undefined
  /** Content that was made elsewhere. */
  #made: Omit<Made, 'size'> | undefined

  private constructor(means: Means, place: Place, kind: Kind, base: OpenHeader | undefined) {
    this.#means = means
    this.place = place
    this.kind = kind
    this.base = base
  }

  /** A block as it is kept. Its key is given to it by `unlock`. */
  static kept(means: Means, base: OpenHeader): OpenBlock {
    const { header } = base
    const { tree, id } = header
    const block = new OpenBlock(means, { tree, id }, header.kind, base)
    block.epoch = header.epoch
    block.parents = header.parents
    block.readcaps = header.readcaps
    block.history = header.history
    block.revocations = header.revocations
    block.roots = header.roots
    block.copies = header.copies
    block.sectorSize = header.sectorSize
    block.#sealedAttributes = header.attributes
    return block
  }

  static made(means: Means, { place, kind, attributes, sectorSize, key }: NewBlock): OpenBlock {
    const block = new OpenBlock(means, place, kind, undefined)
    block.sectorSize = sectorSize ?? SEQUENTIAL_SECTOR
    block.#attributes = attributes
    block.#keys.set(1, key ?? SymmetricKey.generate(means.random))
    block.changed = true
    return block
  }

  get id(): BlockId {
    return this.place.id
  }

  get generation(): bigint {
    return this.base?.header.generation ?? 0n
  }

  get locked(): boolean {
    return !this.#keys.has(this.epoch)
  }

  /** Gives the key of the header as it is kept. */
  unlock(key: SymmetricKey): void {
    this.#keys.set(this.base!.header.epoch, key)
  }

  /** The key of this epoch. @throws {TreeError} `TREE_NO_KEY`. */
  get key(): EpochKey {
    return { epoch: this.epoch, key: this.keyOf(this.epoch) }
  }

  /** The key of an epoch. @throws {TreeError} `TREE_NO_KEY`; {BlockError} `BLOCK_EPOCH`. */
  keyOf(epoch: number): SymmetricKey {
    const known = this.#keys.get(epoch)
    if (known) return known
    const own = this.base && this.#keys.get(this.base.header.epoch)
    if (!own) throw new TreeError('TREE_NO_KEY', `no key here opens block ${this.id}`)
    const key = keyOfEpoch(this.base!.header, own, epoch)
    this.#keys.set(epoch, key)
    return key
  }

  get attributes(): Attributes {
    return (this.#attributes ??= openAttributes(
      this.keyOf(this.base!.header.epoch),
      this.place,
      this.base!.header.epoch,
      this.base!.header.attributes,
    ))
  }

  /** Puts attributes in the place of those there are. */
  describe(change: Partial<Attributes>): void {
    this.describeAnew({ ...this.attributes, ...change })
  }

  describeAnew(attributes: Attributes): void {
    this.#attributes = attributes
    this.#sealedAttributes = undefined
    this.changed = true
  }

  /** Sectors of the version that is kept or was given by `replace`. */
  get sectors(): number {
    return this.#content?.count ?? this.#stored.count
  }

  get content(): Content {
    return (this.#content ??= new Content({
      ...this.#stored,
      place: this.place,
      sectorSize: this.sectorSize,
      keyOf: epoch => this.keyOf(epoch),
      load: hashes => this.#means.store.pieces(hashes),
      random: this.#means.random,
    }))
  }

  /** Takes content that was sealed for this block. */
  replace(made: Made, sectorSize: number): void {
    this.#made = made
    this.#content = undefined
    this.sectorSize = sectorSize
    this.describe({ size: made.size })
  }

  /** Takes all content away. */
  empty(sectorSize: number): void {
    this.replace({ root: EMPTY_ROOT, count: 0, size: 0, pieces: [] }, sectorSize)
  }

  /** Puts content of one sector at most into an empty block. */
  fill(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const { place, epoch } = this
    const plain = padded(bytes, this.sectorSize)
    const sector = sealSector(this.keyOf(epoch), place, epoch, 0, plain, this.#means.random)
    const root = leafHash(0, sector)
    const pieces = [{ hash: root, bytes: sector }]
    // The root over one leaf is that leaf.
    this.replace({ root, count: 1, size: bytes.length, pieces }, this.sectorSize)
  }

  /** Takes the same content, sealed anew. */
  replaceSealed(made: Omit<Made, 'size'>): void {
    this.#made = { ...made }
    this.#content = undefined
    this.#names = undefined
    this.changed = true
  }

  /** Of a directory. */
  get names(): NameTable {
    if (this.#names) return this.#names
    const { entries = 0, size } = this.attributes
    const state = { buckets: this.sectors, entries, weight: size }
    return (this.#names = new NameTable(state, index => this.#bucket(index)))
  }

  /** Takes all names away from a directory, unseen: they may be damaged. */
  emptyNames(): void {
    this.#made = { root: EMPTY_ROOT, count: 0, pieces: [] }
    this.#content = undefined
    this.#names = new NameTable({ buckets: 0, entries: 0, weight: 0 }, async () => NONE)
    this.#names.isChanged = true
  }

  async #bucket(index: number): Promise<Names> {
    const leaf = await this.content.leaf(index)
    if (isHole(leaf)) return NONE
    const name = mapKey(leaf)
    const { buckets } = this.#means
    let names = buckets.get(name)
    if (!names) buckets.set(name, (names = decodeBucket((await this.content.read(index))!)))
    return names
  }

  /**
   * Lets the readers of a directory read this block too; in the place of `instead`, else behind the
   * parents there are.
   */
  attach(to: OpenBlock, instead?: BlockId): void {
    const entry = forParent(this.place, this.key, to.id, to.key, this.#means.random)
    const at = this.parents.findIndex(({ id }) => id === (instead ?? to.id))
    this.parents =
      at < 0 ? [...this.parents, entry] : this.parents.map((one, i) => (i === at ? entry : one))
    this.changed = true
  }

  detach(from: BlockId): void {
    this.parents = this.parents.filter(({ id }) => id !== from)
    this.changed = true
  }

  /**
   * A new key under the next epoch, for what is written from now on: those who had the old one can't
   * follow. The readers stay.
   *
   * @param parents  the blocks that `parents` names, in that order.
   * @throws {TreeError} `TREE_FULL` when the block has too many old keys: reseal it first.
   */
  async rekey(parents: readonly OpenBlock[]): Promise<void> {
    const { random } = this.#means
    const epochs = [this.epoch, ...this.history.map(({ epoch }) => epoch)]
    if (epochs.length > HISTORY_MAX)
      throw new TreeError('TREE_FULL', `block ${this.id} has too many old keys: reseal it first`)
    const earlier = epochs.map(epoch => ({ epoch, key: this.keyOf(epoch) }))
    // What is not open yet was sealed with the old key.
    void this.attributes
    const next = { epoch: this.epoch + 1, key: SymmetricKey.generate(random) }
    const readcaps: Readcap[] = []
    for (const { reader, to } of this.readcaps)
      readcaps.push(await forReader(this.place, next, reader, to, random))
    this.history = earlier.map(one => forHistory(this.place, one, next, random))
    this.readcaps = readcaps
    this.epoch = next.epoch
    this.#keys.set(next.epoch, next.key)
    this.parents = parents.map(one => forParent(this.place, next, one.id, one.key, random))
    this.#sealedAttributes = undefined
    this.changed = true
  }

  /** Drops the keys of earlier epochs, when nothing is sealed with them any more. */
  forgetHistory(): void {
    this.history = []
    this.changed = true
  }

  /** The signed header and the pieces it needs. @param now  ms since 1970. */
  async seal(writer: Writer, now: number): Promise<{ header: OpenHeader; pieces: Piece[] }> {
    if (this.#names?.isChanged) await this.#writeNames()
    const flushed = this.#content && (await this.#content.flush())
    const { root, count } = flushed
      ? { root: this.sectors === 0 ? EMPTY_ROOT : flushed.root, count: this.sectors }
      : this.#stored
    const { place, epoch, base } = this
    this.#sealedAttributes ??= sealAttributes(
      this.keyOf(epoch),
      place,
      epoch,
      this.attributes,
      this.#means.random,
    )
    const header: Header = {
      v: 1,
      ...place,
      kind: this.kind,
      generation: this.generation + 1n,
      ...(base && { previous: base.hash }),
      epoch,
      parents: this.parents,
      readcaps: this.readcaps,
      history: this.history,
      ...(base?.header.publicKey && { publicKey: base.header.publicKey }),
      attributes: this.#sealedAttributes,
      sectorSize: this.sectorSize,
      sectors: count,
      merkleRoot: asMultihash(root),
      copies: this.copies,
      time: Math.max(now, base?.header.time ?? 0),
      writer: writer.signKey,
      chain: writer.chain,
      revocations: this.revocations,
      ...(this.roots && { roots: this.roots }),
    }
    const pieces = [...(this.#made?.pieces ?? []), ...(flushed?.pieces ?? [])]
    return { header: await signHeader(header, writer), pieces }
  }

  async #writeNames(): Promise<void> {
    const names = this.#names!
    const { buckets, entries, weight } = names.state
    if (this.content.count !== buckets) await this.content.resize(buckets)
    for (const [index, bucket] of names.changed) {
      const leaf = await this.content.write(index, this.epoch, encodeBucket(bucket.values()))
      this.#means.buckets.set(mapKey(leaf), bucket)
    }
    this.describe({ entries, size: weight })
  }

  get #stored(): { root: Uint8Array; count: number } {
    if (this.#made) return this.#made
    if (!this.base) return { root: EMPTY_ROOT, count: 0 }
    const { merkleRoot, sectors } = this.base.header
    return { root: digestOf(merkleRoot), count: sectors }
  }
}

const NONE: Names = new Map()
