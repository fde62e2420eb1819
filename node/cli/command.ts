/** What a verb of `blocktree` is: one record feeds the parser, `--help` and the examples' test. */

/** 0 done, 1 failed, 2 wrong command line. */
export type ExitCode = 0 | 1 | 2

/** Results go to `out`, everything else to `err`. */
export type Io = {
  out(line: string): void
  err(line: string): void
}

export type Option = {
  /** Without the dashes. */
  readonly name: string
  /** Placeholder of the value in the help; an option without one is a switch. */
  readonly value?: string
  readonly about: string
}

/** Values of given options; a switch that was given is `true`. */
export type Values = Readonly<Record<string, string | true | undefined>>

export type Command = {
  /** The words that name it: `['node', 'run']`. */
  readonly words: readonly string[]
  /** One line, imperative. */
  readonly about: string
  readonly options: readonly Option[]
  /** `[command line, what it does]`. */
  readonly examples: readonly (readonly [string, string])[]
  run(values: Values, io: Io): Promise<ExitCode>
}
