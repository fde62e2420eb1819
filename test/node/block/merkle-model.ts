/** A Merkle tree as a plain list beside the one in pages, and RFC 9162’s definition of the root. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mapKey } from '../../../node/block/recent.ts'
import { EMPTY_ROOT, HOLE } from '../../../node/block/merkle-hash.ts'
import { MerkleTree } from '../../../node/block/merkle.ts'
import { rootOver } from '../../../node/block/merkle-hash.ts'
import type { NewPage } from '../../../node/block/merkle-page.ts'

/** The root over hashes of leaves: RFC 9162, 2.1.1, word for word. */
export function rfc9162(leaves: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  if (leaves.length === 1) return new Uint8Array(leaves[0]!)
  if (leaves.length > 1) {
    let k = 1
    while (k * 2 < leaves.length) k *= 2
    hash.update(new Uint8Array([1]))
    hash.update(rfc9162(leaves.slice(0, k))).update(rfc9162(leaves.slice(k)))
  }
  return new Uint8Array(hash.digest())
}

/** Pages by their names, as a store has them. */
export class Pages {
  readonly kept = new Map<string, Uint8Array>()
  loads = 0

  tree(root: Uint8Array, count: number): MerkleTree {
    const load = async (hash: Uint8Array) => {
      this.loads++
      const page = this.kept.get(mapKey(hash))
      assert.ok(page, 'a page was asked for that was never given')
      return page
    }
    return new MerkleTree({ root, count, load })
  }

  keep<F extends { readonly pages: readonly NewPage[] }>(flushed: F): F {
    for (const { hash, bytes } of flushed.pages) {
      const same = this.kept.get(mapKey(hash)) ?? bytes
      assert.deepEqual(bytes, same, 'two pages have one name')
      this.kept.set(mapKey(hash), bytes)
    }
    return flushed
  }
}

export class Model {
  readonly pages = new Pages()
  leaves: Uint8Array[] = []
  root: Uint8Array = EMPTY_ROOT
  tree = this.pages.tree(EMPTY_ROOT, 0)

  async set(index: number, leaf: Uint8Array): Promise<void> {
    if (index >= this.leaves.length) {
      await assert.rejects(this.tree.set(index, leaf), { code: 'BLOCK_INDEX' })
      return
    }
    this.leaves[index] = leaf
    await this.tree.set(index, leaf)
  }

  async resize(count: number): Promise<void> {
    const more = Array<Uint8Array>(Math.max(0, count - this.leaves.length)).fill(HOLE)
    this.leaves = [...this.leaves.slice(0, count), ...more]
    await this.tree.resize(count)
  }

  async flush(): Promise<readonly NewPage[]> {
    const { root, pages } = this.pages.keep(await this.tree.flush())
    this.root = root
    assert.deepEqual(root, rootOver(Buffer.concat(this.leaves)))
    return pages
  }

  async reopen(): Promise<void> {
    await this.flush()
    this.tree = this.pages.tree(this.root, this.leaves.length)
  }

  async check(): Promise<void> {
    const look = async () => {
      assert.equal(this.tree.count, this.leaves.length)
      const found = await Promise.all(this.leaves.map((_, i) => this.tree.get(i)))
      assert.deepEqual(Buffer.concat(found), Buffer.concat(this.leaves))
    }
    await look()
    await this.reopen()
    await look()
  }
}
