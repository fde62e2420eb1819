/**
 * The Merkle tree of one version of a block, read and changed without holding it all: pages are loaded
 * when they are needed, checked, and forgotten again; those that were changed stay until `flush`.
 */
import { equal } from '../crypto/bytes.ts'
import { BlockError } from './error.ts'
import { EMPTY_ROOT } from './merkle-hash.ts'
import { loadPage, Page, type LoadPage, type NewPage } from './merkle-page.ts'
import { hashesAt, hashesIn, isImplied, PAGE_HASHES, topLevel } from './merkle-shape.ts'

/** Unchanged pages that are held, 2 KiB each. */
const HELD = 128

export class MerkleTree {
  #root: Uint8Array
  #count: number
  readonly #load: LoadPage
  /** By level, then by index; in the order of their last use. */
  readonly #levels: Map<number, Page>[] = []
  #held = 0
  /** Pages that are being loaded. */
  readonly #coming = new Map<number, Promise<Page>>()

  /**
   * @param of.root   32 bytes: a multihash's digest in a header, or {@link EMPTY_ROOT}.
   * @param of.count  sectors, holes among them.
   * @param of.load   finds a page by its name.
   */
  constructor(of: { readonly root: Uint8Array; readonly count: number; readonly load: LoadPage }) {
    this.#root = Uint8Array.from(of.root)
    this.#count = of.count
    this.#load = of.load
  }

  /** Sectors. */
  get count(): number {
    return this.#count
  }

  /**
   * The leaf of the sector `index`, 32 bytes of its own; {@link isHole} tells holes.
   *
   * @throws {BlockError} `BLOCK_INDEX`; `BLOCK_MERKLE` a page is damaged.
   */
  async get(index: number): Promise<Uint8Array> {
    this.#expectWithin(index)
    const page = await this.#page(0, Math.floor(index / PAGE_HASHES))
    return page.get(index % PAGE_HASHES)
  }

  /** Not to be called while `resize` or `flush` runs. Throws as {@link get}. */
  async set(index: number, leaf: Uint8Array): Promise<void> {
    this.#expectWithin(index)
    const at = Math.floor(index / PAGE_HASHES)
    let page = await this.#page(0, at)
    // While this waited, others may have pushed the page out and loaded it again.
    while (this.#at(0).get(at) !== page) page = await this.#page(0, at)
    page.set(index % PAGE_HASHES, leaf)
    this.#change(page)
  }

  /** Cuts off, or adds holes. To be called alone. Throws as {@link get}. */
  async resize(count: number): Promise<void> {
    if (count === this.#count) return
    if (count === 0) {
      this.#levels.length = 0
      this.#held = 0
      this.#root = EMPTY_ROOT
    } else if (count < this.#count) await this.#shrink(count)
    else await this.#grow(count)
    this.#count = count
  }

  /**
   * The root as it is now, and the pages that must be kept for it and were not kept before. To be
   * called alone. Throws as {@link get}.
   */
  async flush(): Promise<{ root: Uint8Array; pages: NewPage[] }> {
    const pages: NewPage[] = []
    const top = topLevel(this.#count)
    for (let level = 0; level <= top && this.#count > 0; level++)
      for (const [index, page] of this.#levels[level] ?? []) {
        if (!page.changed) continue
        const name = page.root()
        const kept = page.name !== undefined && equal(page.name, name)
        if (!kept && !isImplied(name, level, page.count))
          pages.push({ hash: name, bytes: page.bytes.slice() })
        page.name = name
        if (level === top) this.#root = name
        else {
          const above = await this.#page(level + 1, Math.floor(index / PAGE_HASHES))
          if (!equal(above.get(index % PAGE_HASHES), name)) {
            above.set(index % PAGE_HASHES, name)
            this.#change(above)
          }
        }
        page.changed = false
        this.#held++
      }
    this.#evict()
    return { root: Uint8Array.from(this.#root), pages }
  }

  /** Pages above are in memory or name the ones below them as they were at the last flush. */
  async #page(level: number, index: number): Promise<Page> {
    const held = this.#at(level).get(index)
    if (held) return held
    // Levels are fewer than 16, and indexes below 2^47.
    const key = index * 16 + level
    let coming = this.#coming.get(key)
    if (!coming) {
      coming = this.#fetch(level, index).finally(() => this.#coming.delete(key))
      this.#coming.set(key, coming)
    }
    return coming
  }

  async #fetch(level: number, index: number): Promise<Page> {
    let name = this.#root
    if (level < topLevel(this.#count)) {
      const above = await this.#page(level + 1, Math.floor(index / PAGE_HASHES))
      name = above.get(index % PAGE_HASHES)
    }
    const page = await loadPage(name, level, hashesIn(level, index, this.#count), this.#load)
    this.#at(level).set(index, page)
    this.#held++
    this.#evict()
    return page
  }

  async #grow(count: number): Promise<void> {
    const old = this.#count
    const oldTop = topLevel(old)
    const edges: (Page | undefined)[] = []
    for (let level = 0; level <= topLevel(count); level++) {
      const had = hashesAt(level, old)
      if (had % PAGE_HASHES === 0 || had === hashesAt(level, count)) continue
      const last = Math.floor(had / PAGE_HASHES)
      // Above the top there are, in thought, pages that hold nothing but the root.
      const page =
        level <= oldTop ? await this.#page(level, last) : this.#add(level, 0, new Page(this.#root))
      this.#change(page)
      edges[level] = page
    }
    for (let level = 0; level <= topLevel(count); level++) {
      const [had, has] = [hashesAt(level, old), hashesAt(level, count)]
      if (had === has) continue
      edges[level]?.resize(level, hashesIn(level, Math.floor(had / PAGE_HASHES), count))
      const last = Math.floor((has - 1) / PAGE_HASHES)
      if (last > Math.floor((had - 1) / PAGE_HASHES))
        this.#add(level, last, Page.ofHoles(level, hashesIn(level, last, count)))
    }
  }

  async #shrink(count: number): Promise<void> {
    const top = topLevel(count)
    const last = (level: number) => Math.floor((hashesAt(level, count) - 1) / PAGE_HASHES)
    const edges: Page[] = []
    for (let level = 0; level <= top; level++) {
      const page = await this.#page(level, last(level))
      this.#change(page)
      edges.push(page)
    }
    edges.forEach((page, level) => page.resize(level, hashesIn(level, last(level), count)))
    for (const [level, pages] of this.#levels.entries())
      for (const [index, page] of pages)
        if (level > top || index > last(level)) this.#drop(level, index, page)
  }

  #at(level: number): Map<number, Page> {
    for (let i = this.#levels.length; i <= level; i++) this.#levels.push(new Map())
    return this.#levels[level]!
  }

  /** A page that is nowhere yet. */
  #add(level: number, index: number, page: Page): Page {
    page.changed = true
    this.#at(level).set(index, page)
    return page
  }

  #change(page: Page): void {
    if (!page.changed) this.#held--
    page.changed = true
  }

  #drop(level: number, index: number, page: Page): void {
    this.#levels[level]!.delete(index)
    if (!page.changed) this.#held--
  }

  /** Lets go of pages that can be loaded again, the lowest first, as those above lead to them. */
  #evict(): void {
    if (this.#held <= HELD) return
    for (const [level, pages] of this.#levels.entries())
      for (const [index, page] of pages) {
        if (this.#held <= HELD / 2) return
        if (!page.changed) this.#drop(level, index, page)
      }
  }

  #expectWithin(index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < this.#count) return
    throw new BlockError('BLOCK_INDEX', `found sector ${index}, there are ${this.#count}`)
  }
}
