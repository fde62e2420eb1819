/**
 * An action: everything that can change what a recipe makes, and nothing else. Its key is the
 * digest of a message shaped like the Remote Execution API's Action (a command digest, an input
 * root digest, a salt), so that a shared cache or a worker can answer for it later.
 *
 * The same inputs are also kept as named parts, which is what `bt why` compares.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseShell, type ShellLine } from '@yarnpkg/parsers'
import type { EvaluatedRecipe } from '../recipe/check.ts'
import { REPO } from '../paths.ts'
import { canonical, digestOf, sha256, type Digest } from './digest.ts'
import type { SourceFile } from './sources.ts'

export type Action = {
  readonly key: string
  readonly parts: Readonly<Record<string, string>>
}

/** @param needs tree digests of `needs`, by recipe; @param tools the same for `tools`. */
export function actionOf(
  recipe: EvaluatedRecipe,
  env: Readonly<Record<string, string>>,
  sources: readonly SourceFile[],
  needs: ReadonlyMap<string, Digest>,
  tools: ReadonlyMap<string, Digest>,
): Action {
  const parts: Record<string, string> = {}
  recipe.steps.forEach((step, i) => (parts[`step ${i + 1}`] = step))
  recipe.check.forEach((step, i) => (parts[`check ${i + 1}`] = step))
  parts['ships'] = recipe.ships.join(' ')
  for (const [name, value] of Object.entries(env)) parts[`env ${name}`] = value
  for (const file of sources)
    parts[`source ${file.path}`] = `${file.pin}${file.executable ? ' executable' : ''}`
  for (const [name, digest] of needs) parts[`need ${name}`] = digest
  for (const [name, digest] of tools) parts[`tool ${name}`] = digest
  for (const verb of verbsOf(recipe)) parts[`verb ${verb}`] = sourceHash(verbFile(verb))
  parts['engine'] = ENGINE

  const pick = (...kinds: string[]) =>
    Object.fromEntries(
      Object.entries(parts).filter(([part]) => kinds.includes(part.split(' ')[0]!)),
    )
  const command = digestOf(canonical(pick('step', 'check', 'ships', 'env')))
  const inputRoot = digestOf(canonical(pick('source', 'need', 'tool')))
  const salt = canonical(pick('verb', 'engine'))
  const key = sha256(canonical({ commandDigest: command, inputRootDigest: inputRoot, salt }))
  return { key, parts }
}

/** Raised when what steps see or how their output is taken changes: everything is made anew. */
const ENGINE = '1'

const verbFile = (name: string) => join(REPO, 'image/verbs', `${name}.ts`)

/** Names of all built-in verbs, sorted. */
export function verbNames(): string[] {
  names ??= readdirSync(join(REPO, 'image/verbs'))
    .map(file => basename(file, '.ts'))
    .filter(name => name !== 'verb')
    .sort()
  return names
}
let names: string[] | undefined

/** Names of the built-in verbs that a recipe's steps call, sorted. */
export function verbsOf(recipe: Pick<EvaluatedRecipe, 'steps' | 'check'>): string[] {
  const words = new Set<string>()
  for (const step of [...recipe.steps, ...recipe.check]) collect(parseShell(step), words)
  return verbNames().filter(name => words.has(name))
}

/** First words of every command in a parsed line, wherever it is nested. */
function collect(node: unknown, words: Set<string>): void {
  if (Array.isArray(node)) for (const item of node as ShellLine[]) collect(item, words)
  if (node === null || typeof node !== 'object') return
  const { type, args } = node as { type?: string; args?: { segments?: { text?: string }[] }[] }
  const first = args?.[0]?.segments?.[0]?.text
  if (type === 'command' && first !== undefined) words.add(first)
  if (!Array.isArray(node)) for (const inner of Object.values(node)) collect(inner, words)
}

const hashes = new Map<string, string>()

/**
 * Hash of a source file with everything that it imports, in the order of the imports: files of ours
 * by their text, packages by their pinned version.
 */
export function sourceHash(file: string): string {
  const known = hashes.get(file)
  if (known !== undefined) return known
  const pinned = dependencies()
  const seen = new Set<string>()
  const texts: string[] = []
  const visit = (path: string) => {
    if (seen.has(path)) return
    seen.add(path)
    const text = readFileSync(path, 'utf8')
    texts.push(text)
    for (const [, from] of text.matchAll(/^(?:import|export) (?!type).*?from '([^']+)'/gms))
      if (from!.startsWith('.')) visit(join(dirname(path), from!))
      else if (from! in pinned) texts.push(`${from}@${pinned[from!]}`)
  }
  visit(file)
  const hash = sha256(texts.join('\0'))
  hashes.set(file, hash)
  return hash
}

function dependencies(): Record<string, string> {
  const file = readFileSync(join(REPO, 'package.json'), 'utf8')
  return (JSON.parse(file) as { dependencies: Record<string, string> }).dependencies
}
