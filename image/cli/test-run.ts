/** Runs test files with node:test, each in a process of its own, and says how they went. */
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import { REPO } from '../paths.ts'
import type { Io } from './command.ts'
import { duration } from './progress.ts'
import type { Stage } from './test-stages.ts'

export type Tally = {
  passed: number
  failed: number
  skipped: number
  /** `file: test` of those that failed. */
  names: string[]
}

/** Of what a test file prints the last so many characters are shown when it fails. */
const KEPT = 20_000

/** What a file gets to end in after a test of it ran out of time. */
const GRACE_MS = 30_000

type Failure = Error & {
  readonly failureType?: string
  readonly exitCode?: number
  readonly signal?: string
}

type Where = {
  /** Where the test is written: another file than the one that runs it, for shared suites. */
  readonly file?: string
  readonly entryFile?: string
}

type Event = Where & {
  readonly name: string
  readonly skip?: string | boolean
  readonly todo?: string | boolean
  readonly details: {
    readonly duration_ms: number
    readonly type?: string
    readonly error?: Failure
  }
}

/** Runs the files of a stage. What a file printed is shown when one of its tests failed. */
export async function runFiles(stage: Stage, io: Io, repo = REPO): Promise<Tally> {
  const seen = new Map(stage.files.map(file => [file, new FileTally(file, io)]))
  const of = ({ entryFile, file }: Where) => seen.get(relative(repo, entryFile ?? file ?? ''))
  /** A file is itself reported as a test when it has none, or when its process failed. */
  const isFile = ({ name, file }: Event) => resolve(repo, name) === file

  const idle = new AbortController()
  const limit = stage.limitMs
  const still = `nothing happened for ${duration(limit + GRACE_MS)}, so it was ended`
  // A test that is over its limit fails by itself; a file that then does not end is ended.
  const timer = setTimeout(() => idle.abort(), limit + GRACE_MS)
  const stream = run({
    cwd: repo,
    files: stage.files.map(file => resolve(repo, file)),
    concurrency: stage.concurrency,
    timeout: limit,
    signal: AbortSignal.any([io.signal, idle.signal]),
  })
  stream.on('test:pass', (event: Event) => {
    if (event.details.type === 'suite' || isFile(event)) return
    const without = event.skip ?? event.todo
    if (without === undefined) of(event)?.add('passed')
    else {
      of(event)?.add('skipped')
      const why = typeof without === 'string' && without !== '' ? `: ${without}` : ''
      return io.err(`    skipped  ${event.name}${why}`)
    }
    if (stage.chatty) io.err(`    ${event.name}  ${duration(event.details.duration_ms)}`)
  })
  stream.on('test:fail', (event: Event) => {
    const { error, type } = event.details
    if (error?.failureType === 'subtestsFailed' || event.todo !== undefined) return
    if (isFile(event))
      of(event)?.fail('the file itself', idle.signal.aborted ? still : ended(error))
    else of(event)?.fail(type === 'suite' ? `suite ${event.name}` : event.name, told(error))
  })
  const keep = (event: Where & { message: string }) => of(event)?.keep(event.message)
  stream.on('test:stdout', keep).on('test:stderr', keep)
  stream.on('test:diagnostic', event => keep({ ...event, message: `${event.message}\n` }))
  stream.on('test:summary', (event: Where & { success: boolean; duration_ms: number }) => {
    // Without a failed test, what went wrong is still to come.
    const here = of(event)
    if (event.success || (here?.failed ?? 0) > 0) here?.close(duration(event.duration_ms))
  })
  for await (const _ of stream) timer.refresh()
  clearTimeout(timer)
  io.signal.throwIfAborted()

  const tally: Tally = { passed: 0, failed: 0, skipped: 0, names: [] }
  for (const file of seen.values()) {
    file.close('')
    tally.passed += file.passed
    tally.failed += file.failed
    tally.skipped += file.skipped
    tally.names.push(...file.names)
  }
  return tally
}

/** How the tests of one file went; says failures at once and the file's line when it is closed. */
class FileTally implements Tally {
  passed = 0
  failed = 0
  skipped = 0
  names: string[] = []
  #printed = ''
  #closed = false
  readonly #file: string
  readonly #io: Io

  constructor(file: string, io: Io) {
    this.#file = file
    this.#io = io
  }

  add(outcome: 'passed' | 'skipped'): void {
    this[outcome]++
  }

  fail(what: string, why: string): void {
    this.failed++
    this.names.push(`${this.#file}: ${what}`)
    this.#io.err(`FAILED  ${this.#file}: ${what}\n${indent(why)}`)
  }

  keep(message: string): void {
    this.#printed = (this.#printed + message).slice(-KEPT)
  }

  close(took: string): void {
    if (this.#closed) return
    this.#closed = true
    if (this.passed + this.failed + this.skipped === 0)
      this.fail('no test in it', 'a test file must have at least one test')
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : ''
    const failed = this.failed > 0 ? `, ${this.failed} failed` : ''
    const verdict = this.failed > 0 ? 'FAILED' : 'ok'
    this.#io.err(`${verdict}  ${this.#file}  ${this.passed} passed${failed}${skipped}  ${took}`)
    if (this.failed > 0 && this.#printed.trim() !== '')
      this.#io.err(indent(`it printed:\n${this.#printed}`))
  }
}

/** How the process of a test file ended. */
const ended = (error: Failure | undefined) =>
  `its process ended with ${error?.signal ?? error?.exitCode ?? 'an unknown status'}`

/** The error of a test, without the frames of the test runner itself. */
function told(error: Failure | undefined): string {
  const cause = error?.cause ?? error
  if (!(cause instanceof Error)) return typeof cause === 'string' ? cause : inspect(cause)
  const text = cause.cause === undefined ? `${cause.stack}` : inspect(cause)
  return text.replaceAll(/\n +at .*node:internal.*/g, '')
}

const indent = (text: string) => text.trimEnd().replaceAll(/^(?=.)/gm, '      ')
