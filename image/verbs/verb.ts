/**
 * A verb is a built-in command of recipe steps (`unpack`, `install`, …): one file in this folder,
 * named by it, exporting `verb`. Its source is part of the key of every action that names it, so a
 * changed verb rebuilds what it made. Verbs run in the step runner's process, never in the CLI.
 */
export type VerbCall = {
  readonly args: readonly string[]
  /** Absolute folder of the step. Relative arguments are resolved against it. */
  readonly cwd: string
  /** Variables of the step: out, in, src, work, PATH, SOURCE_DATE_EPOCH, … */
  readonly env: Readonly<Record<string, string>>
  print(line: string): void
}

export type Verb = {
  /** `unpack ARCHIVE… FOLDER` */
  readonly usage: string
  readonly about: string
  /** Resolves when done; throws an Error whose message names what was found and expected. */
  run(call: VerbCall): Promise<void>
}
