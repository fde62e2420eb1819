/**
 * The local cache: what actions made (`actions/`), and the trees they made (`trees/`). Shared by
 * checkouts and by builds that run at once, without locks: everything is written elsewhere and
 * renamed into place, the first one wins, and what was touched since is found out before it is used.
 *
 *   actions/ab/<key>.json        result of one action
 *   trees/<sha256>/              the files of a tree
 *   trees/<sha256>.json          its entries and stamp: proof that it was whole
 *   work/<process>.<n>/          folder of one running action, removed at its end
 */
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { me } from './alive.ts'
import { readJson, writeAtomic } from './atomic.ts'
import type { Digest } from './digest.ts'
import { removeTree } from './remove.ts'
import { scan, stamp, treeDigest, type Entry } from './tree.ts'

/** What an action made: kept under its key. */
export type ActionResult = {
  readonly recipe: string
  readonly tree: Digest
  /** Bytes of all files in the tree. */
  readonly bytes: number
  readonly seconds: number
}

export class CacheError extends Error {
  readonly code = 'CACHE_BAD_PATH'
  constructor(message: string) {
    super(message)
    this.name = 'CacheError'
  }
}

type TreeRecord = { readonly entries: readonly Entry[]; readonly stamp: string }

/** A record's time says when its tree was last used, to this. */
const USED_MS = 60 * 60 * 1000
/** Others may put the same tree in place meanwhile, or find ours harmed; not again and again. */
const ATTEMPTS = 5

export class Cache {
  readonly folder: string
  readonly #verified = new Set<Digest>()
  #gone = 0

  /** @throws {CacheError} when steps could not name the folder: in a shell, `$out` is split at spaces. */
  constructor(folder: string) {
    if (!/^\/[^\s'"`$&|;:<>(){}[\]*?!#\\~]*$/.test(folder))
      throw new CacheError(
        `the cache can't lie in ${folder}: set BT_CACHE to an absolute path without spaces and other characters that shells treat specially`,
      )
    this.folder = folder
  }

  /** Folder of a tree, whether or not it exists. */
  tree(digest: Digest): string {
    return join(this.folder, 'trees', digest.split('/')[0]!)
  }

  /** The result kept for `key`, when its tree is still there and unharmed. */
  lookup(key: string): ActionResult | undefined {
    const result = readJson<ActionResult>(this.#action(key))
    if (typeof result?.tree !== 'string' || !this.verify(result.tree)) return undefined
    return result
  }

  /**
   * True when a tree is whole. Looks at the files' stamps; when they moved, or when there is no
   * record of them, reads every byte. A harmed tree is removed, so that its action runs again.
   */
  verify(digest: Digest): boolean {
    if (this.#verified.has(digest)) return true
    const whole = this.#check(digest)
    if (whole) this.#verified.add(digest)
    return whole
  }

  /** True when nobody has touched a tree since {@link verify} found it whole; false removes it. */
  untouched(digest: Digest): boolean {
    this.#verified.delete(digest)
    return this.verify(digest)
  }

  /** Entries of a tree that {@link verify} found whole. */
  entries(digest: Digest): readonly Entry[] {
    return readJson<TreeRecord>(`${this.tree(digest)}.json`)?.entries ?? []
  }

  /** Takes the finished folder `out` into the cache and records it as what `key` makes. */
  store(
    key: string,
    out: string,
    made: Omit<ActionResult, 'tree' | 'bytes'>,
    entries: readonly Entry[],
  ): ActionResult {
    const tree = treeDigest(entries)
    for (let attempt = 1; !this.verify(tree); attempt++)
      if (this.#place(out, tree, entries, attempt)) break
    const bytes = entries.reduce((sum, e) => sum + (e.type === 'file' ? e.size : 0), 0)
    const result: ActionResult = { ...made, tree, bytes }
    writeAtomic(this.#action(key), JSON.stringify(result))
    return result
  }

  /** Renames `out` into place; false when somebody else's tree is there, which is to be verified. */
  #place(out: string, tree: Digest, entries: readonly Entry[], attempt: number): boolean {
    const folder = this.tree(tree)
    mkdirSync(dirname(folder), { recursive: true })
    try {
      renameSync(out, folder)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || attempt === ATTEMPTS) throw error
      return false
    }
    this.#record(tree, entries)
    this.#verified.add(tree)
    return true
  }

  #action(key: string): string {
    return join(this.folder, 'actions', key.slice(0, 2), `${key}.json`)
  }

  #check(digest: Digest): boolean {
    const folder = this.tree(digest)
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return false
    const file = `${folder}.json`
    const record = readJson<TreeRecord>(file)
    if (record !== undefined && record.stamp === attempt(() => stamp(folder))) {
      const now = new Date()
      if (now.getTime() - statSync(file).mtimeMs > USED_MS) utimesSync(file, now, now)
      return true
    }
    const entries = attempt(() => scan(folder))
    if (entries !== undefined && treeDigest(entries) === digest) {
      this.#record(digest, entries)
      return true
    }
    this.#remove(digest)
    return false
  }

  #record(digest: Digest, entries: readonly Entry[]): void {
    const folder = this.tree(digest)
    writeAtomic(
      `${folder}.json`,
      JSON.stringify({ entries, stamp: stamp(folder) } satisfies TreeRecord),
    )
  }

  /** By a rename first: a tree is there as a whole or not at all, also for builds that run now. */
  #remove(digest: Digest): void {
    const folder = this.tree(digest)
    const gone = join(this.folder, 'work', `${me}.gone${this.#gone++}`)
    rmSync(`${folder}.json`, { force: true })
    mkdirSync(dirname(gone), { recursive: true })
    if (existsSync(folder)) renameSync(folder, gone)
    removeTree(gone)
  }
}

/** What a folder of unknown state may not even let us read. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
