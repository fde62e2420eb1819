/**
 * Keeps the cache below a size: removes trees and downloads, least recently used first, until it
 * fits. What the last build of any checkout consists of stays (`roots/`), and nothing is removed
 * while a build runs. An action whose tree is gone runs again, that is all.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ActionResult } from './cache.ts'
import { readJson } from './atomic.ts'
import { takeGcLease } from './lease.ts'
import { removeTree } from './remove.ts'
import { walk } from './tree.ts'

export class GcError extends Error {
  readonly code = 'GC_BUSY'
  constructor(message: string) {
    super(message)
    this.name = 'GcError'
  }
}

/** What the cache held and holds, in bytes on disk, and how many trees and downloads went. */
export type Collected = {
  readonly before: number
  readonly after: number
  readonly removed: number
}

/** Path of a tree's folder. */
const TREE = /\/[0-9a-f]{64}$/

type Thing = { readonly paths: readonly string[]; readonly bytes: number; readonly used: number }

/**
 * @param limit  Bytes to shrink to.
 * @param all    Also what roots hold.
 * @throws {GcError} `GC_BUSY` while a build uses the cache.
 */
export function collect(cache: string, limit: number, all = false): Collected {
  const lease = takeGcLease(cache)
  if ('busy' in lease)
    throw new GcError(
      `a build (process ${lease.busy.join(', ')}) uses the cache: try again when it is done`,
    )
  try {
    const live = all ? new Set<string>() : liveTrees(cache)
    const things = [...trees(cache), ...downloads(cache)]
    const before = things.reduce((sum, thing) => sum + thing.bytes, 0)
    let after = before
    let removed = 0
    for (const thing of things.sort((a, b) => a.used - b.used)) {
      if (after <= limit && !all) break
      if (thing.paths.some(path => live.has(path))) continue
      // The record goes before the folder: what is left of a tree must not pass for one.
      for (const path of thing.paths.toReversed()) removeTree(path)
      after -= thing.bytes
      removed++
    }
    removeLost(cache)
    return { before, after, removed }
  } finally {
    lease.release()
  }
}

/** Folders of the trees that published results lead to; notes of deleted checkouts are dropped. */
function liveTrees(cache: string): Set<string> {
  const live = new Set<string>()
  for (const file of list(join(cache, 'roots'))) {
    const root = readJson<{ folder: string; trees: string[] }>(file)
    if (root === undefined || !existsSync(root.folder)) rmSync(file, { force: true })
    else for (const tree of root.trees) live.add(folderOf(cache, tree))
  }
  return live
}

const folderOf = (cache: string, tree: string) => join(cache, 'trees', tree.split('/')[0]!)

function trees(cache: string): Thing[] {
  const folders = list(join(cache, 'trees')).filter(path => TREE.test(path))
  return folders.map(folder => ({
    paths: [folder, `${folder}.json`, folder.replace('/trees/', '/tools/')],
    bytes: walk(folder).reduce((sum, { stat }) => sum + Number(stat.blocks) * 512, 0),
    used: statSync(`${folder}.json`, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }))
}

function downloads(cache: string): Thing[] {
  return ['sha256', 'sha512', 'partial']
    .flatMap(kind => list(join(cache, 'downloads', kind)))
    .map(path => {
      const stat = statSync(path)
      return { paths: [path], bytes: stat.blocks * 512, used: stat.mtimeMs }
    })
}

/** What only made sense with something that is gone, and what killed processes left half-written. */
function removeLost(cache: string): void {
  const tree = (path: string) => existsSync(join(cache, 'trees', basename(path, '.json')))
  const result = (path: string) => {
    const digest = readJson<ActionResult>(path)?.tree
    return path.endsWith('.json') && digest !== undefined && existsSync(folderOf(cache, digest))
  }
  const sound: [string[], (path: string) => boolean][] = [
    [list(join(cache, 'actions')).flatMap(list), result],
    [list(join(cache, 'trees')), path => TREE.test(path.replace(/\.json$/, '')) && tree(path)],
    [list(join(cache, 'tools')), tree],
    [list(join(cache, 'roots')), path => path.endsWith('.json')],
    [list(join(cache, 'downloads')), path => !basename(path).startsWith('npm-')],
  ]
  for (const [paths, keep] of sound) for (const path of paths) if (!keep(path)) removeTree(path)
}

function list(folder: string): string[] {
  mkdirSync(folder, { recursive: true })
  return readdirSync(folder).map(name => join(folder, name))
}
