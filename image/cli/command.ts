/**
 * What a verb of `bt` is. One record feeds the parser, `--help`, `docs/cli.md` and the shell
 * completions; each verb is one file in this folder that exports its record under its own name.
 */

/** How a verb speaks: results on `out`, progress and errors on `err`. */
export type Io = {
  out(line: string): void
  err(line: string): void
  /** True when `err` is a terminal that may be drawn on; colours only then. */
  readonly tty: boolean
  /** Aborted at the first Ctrl-C; every long wait takes it. */
  readonly signal: AbortSignal
}

export type Option = {
  readonly name: string
  readonly short?: string
  readonly type: 'boolean' | 'string' | 'integer'
  /** Placeholder in the help, for options with a value. */
  readonly value?: string
  readonly about: string
  /** The only values that are taken. */
  readonly choices?: readonly string[]
}

export type Positional = {
  readonly name: string
  readonly about: string
  readonly optional?: boolean
  readonly many?: boolean
  /** What the shell completes here. */
  readonly completes?: 'board' | 'recipe' | 'file' | 'verb'
}

export type Values = Readonly<Record<string, string | number | boolean | undefined>>

/** 0 done, 1 failed, 2 wrong command line. */
export type ExitCode = 0 | 1 | 2

export type Command = {
  readonly name: string
  /** One line, imperative: `Build the image of a board.` */
  readonly about: string
  readonly positionals?: readonly Positional[]
  /** `--help` and `--json` are understood everywhere and are not listed here. */
  readonly options?: readonly Option[]
  /** `[command line, what it shows]`; every one is run by a test. */
  readonly examples: readonly (readonly [string, string])[]
  run(call: {
    readonly positionals: readonly string[]
    readonly values: Values
    readonly json: boolean
    readonly io: Io
  }): Promise<ExitCode>
}
