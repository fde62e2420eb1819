/** Which tests there are and in which order they run: quick answers first, one boot at a time. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { REPO } from '../paths.ts'

export type Stage = {
  readonly name: string
  /** Relative to the checkout, sorted. */
  readonly files: readonly string[]
  /** Files that run at once. */
  readonly concurrency: number
  /** Says each test as it passes, for stages where one may take minutes. */
  readonly chatty: boolean
  readonly slow: boolean
  /** A single test may take so long, in milliseconds. */
  readonly limitMs: number
}

/** Quick ones two at once; those that build, boot or compile one at a time, test by test. */
const quick = { concurrency: 2, chatty: false, slow: false }
const heavy = { concurrency: 1, chatty: true, slow: false }
const minutes = (count: number) => ({ limitMs: count * 60_000 })

const ORDER = [
  { name: 'rules', folder: 'test/rules/', ...quick, ...minutes(2) },
  { name: 'unit', folder: 'test/', ...quick, ...minutes(5) },
  { name: 'integration', folder: 'test/integration/', ...heavy, ...minutes(10) },
  { name: 'boot', folder: 'test/boot/', ...heavy, ...minutes(15) },
  { name: 'slow', folder: 'test/slow/', ...heavy, ...minutes(75), slow: true },
]

/** Every `*.test.ts` below `test/`, each in the stage with the longest folder that holds it. */
export function stages(repo = REPO): Stage[] {
  const files = readdirSync(join(repo, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.test.ts'))
    .map(file => `test/${file}`)
    .sort()
  const home = (file: string) =>
    ORDER.filter(({ folder }) => file.startsWith(folder)).sort(
      (a, b) => b.folder.length - a.folder.length,
    )[0]
  return ORDER.map(stage => ({ ...stage, files: files.filter(file => home(file) === stage) }))
}

/** The stages with the files whose path contains one of the patterns; empty stages are left out. */
export function matching(
  all: readonly Stage[],
  slow: boolean,
  patterns: readonly string[],
): Stage[] {
  return all
    .filter(stage => stage.slow === slow)
    .map(stage => ({
      ...stage,
      files: stage.files.filter(
        file => patterns.length === 0 || patterns.some(pattern => file.includes(pattern)),
      ),
    }))
    .filter(stage => stage.files.length > 0)
}
