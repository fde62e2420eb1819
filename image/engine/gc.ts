/**
 * Keeps the cache below a size: removes trees and downloads, least recently used first, until it
 * fits. What the last build of any checkout consists of stays (`roots/`), and nothing is removed
 * while another build runs. An action whose tree is gone runs again, that is all.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from './atomic.ts'
import { otherLeases } from './lease.ts'
import { walk } from './tree.ts'

export class GcError extends Error {
  readonly code = 'GC_BUSY'
  constructor(message: string) {
    super(message)
    this.name = 'GcError'
  }
}

/** What the cache held and holds, in bytes on disk. */
export type Collected = {
  readonly before: number
  readonly after: number
  readonly removed: number
}

type Thing = { readonly paths: readonly string[]; readonly bytes: number; readonly used: number }

/**
 * @param limit  Bytes to shrink to.
 * @param all    Also what roots hold.
 * @throws {GcError} `GC_BUSY` while another build uses the cache.
 */
export function collect(cache: string, limit: number, all = false): Collected {
  const others = otherLeases(cache)
  if (others.length > 0)
    throw new GcError(
      `a build (process ${others.join(', ')}) uses the cache: try again when it is done`,
    )
  const live = all ? new Set<string>() : liveTrees(cache)
  const things = [...trees(cache), ...downloads(cache)]
  const before = things.reduce((sum, thing) => sum + thing.bytes, 0)
  let after = before
  let removed = 0
  for (const thing of things.sort((a, b) => a.used - b.used)) {
    if (after <= limit && !all) break
    if (thing.paths.some(path => live.has(path))) continue
    // The record goes first: a tree without it does not exist.
    for (const path of thing.paths.toReversed()) rmSync(path, { recursive: true, force: true })
    after -= thing.bytes
    removed++
  }
  return { before, after, removed }
}

/** Folders of the trees that published results lead to; notes of deleted checkouts are dropped. */
function liveTrees(cache: string): Set<string> {
  const live = new Set<string>()
  for (const file of list(join(cache, 'roots'))) {
    const root = readJson<{ folder: string; trees: string[] }>(file)
    if (root === undefined || !existsSync(root.folder)) rmSync(file, { force: true })
    else for (const tree of root.trees) live.add(join(cache, 'trees', tree.split('/')[0]!))
  }
  return live
}

function trees(cache: string): Thing[] {
  const folders = list(join(cache, 'trees')).filter(path => !path.endsWith('.json'))
  return folders.map(folder => ({
    paths: [folder, `${folder}.json`, folder.replace('/trees/', '/tools/')],
    bytes: walk(folder).reduce((sum, { stat }) => sum + Number(stat.blocks) * 512, 0),
    used: existsSync(`${folder}.json`) ? statSync(`${folder}.json`).mtimeMs : 0,
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

function list(folder: string): string[] {
  mkdirSync(folder, { recursive: true })
  return readdirSync(folder).map(name => join(folder, name))
}
