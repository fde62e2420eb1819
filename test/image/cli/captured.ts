/** Runs a verb's record in this process and gives what it said. */
import type { ExitCode, Io } from '../../../image/cli/command.ts'

export async function captured(
  run: (io: Io) => Promise<ExitCode>,
): Promise<{ code: ExitCode; out: string; err: string }> {
  let [out, err] = ['', '']
  const code = await run({
    out: line => void (out += `${line}\n`),
    err: line => void (err += `${line}\n`),
    tty: false,
    signal: new AbortController().signal,
  })
  return { code, out, err }
}
