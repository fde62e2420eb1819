/**
 * The local cache: what actions made (`actions/`), and the trees they made (`trees/`). Shared by
 * checkouts and by builds that run at once: everything is written elsewhere and renamed into place,
 * the first one wins, and what was touched since is found out before it is used.
 *
 *   actions/ab/<key>.json        result of one action
 *   trees/<sha256>/              the files of a tree
 *   trees/<sha256>.json          its entries and stamp; a tree without it does not exist
 *   work/<pid>.<n>/              folder of one running action, removed at its end
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJson, writeAtomic } from './atomic.ts'
import type { Digest } from './digest.ts'
import { scan, stamp, treeDigest, type Entry } from './tree.ts'

/** What an action made: kept under its key. */
export type ActionResult = {
  readonly recipe: string
  readonly tree: Digest
  /** Bytes of all files in the tree. */
  readonly bytes: number
  readonly seconds: number
}

type TreeRecord = { readonly entries: readonly Entry[]; readonly stamp: string }

export class Cache {
  readonly folder: string
  readonly #verified = new Map<Digest, boolean>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** Folder of a tree, whether or not it exists. */
  tree(digest: Digest): string {
    return join(this.folder, 'trees', digest.split('/')[0]!)
  }

  /** The result kept for `key`, when its tree is still there and unharmed. */
  lookup(key: string): ActionResult | undefined {
    const result = readJson<ActionResult>(this.#action(key))
    if (result === undefined || !this.verify(result.tree)) return undefined
    return result
  }

  /**
   * True when a tree is whole. Looks at the files' stamps; when they moved, reads every byte. A
   * harmed tree is removed, so that its action runs again.
   */
  verify(digest: Digest): boolean {
    const known = this.#verified.get(digest)
    if (known !== undefined) return known
    const whole = this.#check(digest)
    if (!whole) this.#remove(digest)
    else this.#verified.set(digest, true)
    return whole
  }

  /** Entries of a tree that {@link verify} found whole. */
  entries(digest: Digest): readonly Entry[] {
    return readJson<TreeRecord>(`${this.tree(digest)}.json`)?.entries ?? []
  }

  /** Takes the finished folder `out` into the cache and records it as what `key` makes. */
  store(key: string, out: string, made: Omit<ActionResult, 'tree' | 'bytes'>, entries: Entry[]) {
    const tree = treeDigest(entries)
    const folder = this.tree(tree)
    if (!this.verify(tree)) {
      mkdirSync(dirname(folder), { recursive: true })
      try {
        renameSync(out, folder)
      } catch (error) {
        if (!existsSync(`${folder}.json`)) throw error
      }
      writeAtomic(`${folder}.json`, JSON.stringify({ entries, stamp: stamp(folder) }))
      this.#verified.set(tree, true)
    }
    const bytes = entries.reduce((sum, e) => sum + (e.type === 'file' ? e.size : 0), 0)
    const result: ActionResult = { ...made, tree, bytes }
    writeAtomic(this.#action(key), JSON.stringify(result))
    return result
  }

  #action(key: string): string {
    return join(this.folder, 'actions', key.slice(0, 2), `${key}.json`)
  }

  #check(digest: Digest): boolean {
    const folder = this.tree(digest)
    const record = readJson<TreeRecord>(`${folder}.json`)
    if (record === undefined || !existsSync(folder)) return false
    const now = stamp(folder)
    if (now === record.stamp) return true
    if (treeDigest(scan(folder)) !== digest) return false
    writeAtomic(`${folder}.json`, JSON.stringify({ ...record, stamp: now }))
    return true
  }

  #remove(digest: Digest): void {
    const folder = this.tree(digest)
    rmSync(`${folder}.json`, { force: true })
    rmSync(folder, { recursive: true, force: true })
  }
}
