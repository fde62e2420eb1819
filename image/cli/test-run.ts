/** Runs test files with node:test, each in a process of its own, and says how they went. */
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import { REPO } from '../paths.ts'
import type { Io } from './command.ts'
import { duration } from './progress.ts'
import type { Stage } from './test-stages.ts'

export type Tally = { passed: number; failed: number; skipped: number; names: string[] }

/** What a test file may print before only its end is kept, in characters. */
const KEPT = 20_000

type Event = {
  readonly name: string
  readonly file?: string
  readonly skip?: string | boolean
  readonly todo?: string | boolean
  readonly details: {
    readonly duration_ms: number
    readonly type?: string
    readonly error?: { readonly failureType?: string; readonly cause?: unknown }
  }
}

/** Runs the files of a stage. What a file printed is shown when one of its tests failed. */
export async function runFiles(stage: Stage, io: Io): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0, names: [] }
  const seen = new Map<string, Tally & { printed: string; shown: number; ms: number }>()
  const of = (file: string | undefined) => {
    const name = file === undefined ? stage.name : relative(REPO, file)
    const fresh = () => ({
      passed: 0,
      failed: 0,
      skipped: 0,
      names: [],
      printed: '',
      shown: 0,
      ms: 0,
    })
    return seen.get(name) ?? seen.set(name, fresh()).get(name)!
  }
  const fail = (file: string, what: string, error: unknown) => {
    const here = of(resolve(REPO, file))
    here.failed++
    here.names.push(`${file}: ${what}`)
    io.err(`FAILED  ${file}: ${what}`)
    io.err(indent(typeof error === 'string' ? error : inspect(error, { depth: 4 })))
  }
  const stream = run({
    files: stage.files.map(file => resolve(REPO, file)),
    concurrency: stage.concurrency,
    signal: io.signal,
  })
  stream.on('test:pass', (event: Event) => {
    const here = of(event.file)
    if (event.details.type === 'suite' || isFile(event)) return
    if (event.skip !== undefined || event.todo !== undefined) here.skipped++
    else here.passed++
    if (stage.chatty) io.err(`    ${event.name}  ${duration(event.details.duration_ms)}`)
  })
  stream.on('test:fail', (event: Event) => {
    const { error, type } = event.details
    if (error?.failureType === 'subtestsFailed' || event.todo !== undefined) return
    const what = isFile(event)
      ? 'the file itself failed'
      : type === 'suite'
        ? `suite ${event.name}`
        : event.name
    fail(relative(REPO, event.file ?? event.name), what, error?.cause ?? error)
  })
  const keep = ({ file, message }: { file: string; message: string }) => {
    const here = of(file)
    here.printed = (here.printed + message).slice(-KEPT)
  }
  stream.on('test:stdout', keep).on('test:stderr', keep)
  stream.on('test:summary', (event: { file?: string; duration_ms: number }) => {
    if (event.file === undefined) return
    const name = relative(REPO, event.file)
    const here = of(event.file)
    if (here.passed + here.failed + here.skipped === 0)
      fail(name, 'no test in it', 'a test file must run at least one test')
    const verdict = here.failed > 0 ? 'FAILED' : 'ok'
    const skipped = here.skipped > 0 ? `, ${here.skipped} skipped` : ''
    io.err(`${verdict}  ${name}  ${here.passed} passed${skipped}  ${duration(event.duration_ms)}`)
    if (here.failed > 0 && here.printed.trim() !== '')
      io.err(indent(`it printed:\n${here.printed}`))
  })
  for await (const _ of stream);
  for (const file of stage.files)
    if (!seen.has(file)) fail(file, 'it did not run', 'no result came')
  for (const here of seen.values()) {
    tally.passed += here.passed
    tally.failed += here.failed
    tally.skipped += here.skipped
    tally.names.push(...here.names)
  }
  return tally
}

/** A file is itself reported as a test when it has none, or when its process failed. */
const isFile = (event: Event) =>
  event.name === event.file || event.name === relative(REPO, event.file ?? '')

const indent = (text: string) => text.trimEnd().replaceAll(/^/gm, '      ')
