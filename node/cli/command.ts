/**
 * What a verb of `blocktree` is. One record feeds the parser, `--help`, `docs/blocktree.md`, the
 * completion of bash and the examples' test; each verb is one file in this folder.
 */
import type { Readable, Writable } from 'node:stream'

/** 0 done, 1 failed, 2 wrong command line. */
export type ExitCode = 0 | 1 | 2

/** How a verb speaks: results on `out`, everything else on `err`. */
export type Io = {
  out(line: string): void
  err(line: string): void
  /** Bytes of files, for verbs that take or give `-`. */
  readonly input: Readable
  readonly output: Writable
  /** True when `err` is a terminal that may be drawn on; when `output` is one. */
  readonly tty: boolean
  readonly outputTty: boolean
  /** Asks a person on the terminal, without showing what is typed. */
  secret(question: string): Promise<string>
  /**
   * To be done before the process ends, when its answer and its exit code are told.
   *
   * @param work  is told whether somebody may wait for the process to end, at the other end of a pipe.
   */
  later(work: (isPiped: boolean) => Promise<void>): void
  /** Aborted at the first Ctrl-C; every long wait takes it. */
  readonly signal: AbortSignal
  readonly env: Readonly<Record<string, string | undefined>>
}

export type Option = {
  /** Without the dashes. */
  readonly name: string
  /** One letter. */
  readonly short?: string
  /** Placeholder of the value in the help; an option without one is a switch. */
  readonly value?: string
  readonly about: string
  readonly completes?: Completes
}

/** What the shell offers: files of this machine, paths of the tree. */
export type Completes = 'file' | 'path' | 'verb'

export type Positional = {
  readonly name: string
  readonly about: string
  readonly optional?: boolean
  /** Takes all that is left; the last one only. */
  readonly many?: boolean
  readonly completes?: Completes
  /** The only words that are taken. */
  readonly choices?: readonly string[]
}

/** Values of given options; a switch that was given is `true`. */
export type Values = Readonly<Record<string, string | true | undefined>>

export type Call = {
  readonly positionals: readonly string[]
  readonly values: Values
  readonly json: boolean
  readonly io: Io
}

export type Command = {
  /** The words that name it: `['node', 'run']`. */
  readonly words: readonly string[]
  /** One line, imperative. */
  readonly about: string
  /** More to say, a paragraph each. */
  readonly more?: readonly string[]
  readonly positionals?: readonly Positional[]
  /** `--json` and `--help` are understood everywhere and are not listed here. */
  readonly options?: readonly Option[]
  /** `[command line, what it does]`. */
  readonly examples: readonly (readonly [string, string])[]
  run(call: Call): Promise<ExitCode>
}
