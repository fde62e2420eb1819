/** Which files of two builds differ, and which recipe was the first to make something else. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Action } from '../../image/engine/action.ts'
import type { ActionResult } from '../../image/engine/cache.ts'
import { sha256File } from '../../image/engine/digest.ts'
import type { Entry } from '../../image/engine/tree.ts'
import type { Build } from './rebuild.ts'

/** SHA-256 of every released file, by its path below the folder that `bt build` names. */
export function releasedFiles({ summary }: Build): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (folder: string, below: string) => {
    for (const name of readdirSync(folder).sort()) {
      const path = realpathSync(join(folder, name))
      if (statSync(path).isDirectory()) visit(path, `${below}${name}/`)
      else found.set(`${below}${name}`, sha256File(path))
    }
  }
  visit(dirname(summary.image), '')
  return found
}

/** Names of files that only one has, or that differ. */
export function differing(
  a: ReadonlyMap<string, string>,
  b: ReadonlyMap<string, string>,
): string[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort()
  return names.filter(name => a.get(name) !== b.get(name))
}

/**
 * In the order that recipes are made in: the first with another output, and what differs in it.
 *
 * @param order  Names of the recipes.
 */
export function firstDifference(a: Build, b: Build, order: readonly string[]): string {
  for (const recipe of order) {
    const [one, other] = [outputOf(a, recipe), outputOf(b, recipe)]
    if (one.tree === other.tree) continue
    const inputs = differing(partsOf(one.action), partsOf(other.action))
    const files = differing(entriesOf(a, one.tree), entriesOf(b, other.tree))
    const show = (build: Build, tree: string, path: string) =>
      entriesOf(build, tree).get(path)?.slice(0, 30) ?? 'not there'
    const lines = files
      .slice(0, 20)
      .map(path => `  ${path}: ${show(a, one.tree, path)} | ${show(b, other.tree, path)}`)
    const from = inputs.length === 0 ? 'of the same inputs' : `and had other ${inputs.join(', ')}`
    return `${recipe} made other files, ${from}; ${files.length} differ:\n${lines.join('\n')}`
  }
  return 'every recipe made the same: the reports differ by themselves'
}

type Output = { readonly action: Action; readonly tree: string }

function outputOf({ repo, cache }: Build, recipe: string): Output {
  const why = readFileSync(join(repo, 'build/why', `${recipe}.json`), 'utf8')
  const { now: action } = JSON.parse(why) as { now: Action }
  const file = join(cache, 'actions', action.key.slice(0, 2), `${action.key}.json`)
  const { tree } = JSON.parse(readFileSync(file, 'utf8')) as ActionResult
  return { action, tree: tree.split('/')[0]! }
}

const partsOf = ({ parts }: Action) => new Map(Object.entries(parts))

function entriesOf({ cache }: Build, tree: string): Map<string, string> {
  const text = readFileSync(join(cache, 'trees', `${tree}.json`), 'utf8')
  const { entries } = JSON.parse(text) as { entries: Entry[] }
  return new Map(
    entries.map(({ path, type, mode, size, content }) => {
      const hash = createHash('sha256').update(content).digest('hex').slice(0, 8)
      return [path, `${type} ${mode.toString(8)} ${size} ${hash}`]
    }),
  )
}
