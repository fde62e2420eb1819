/** The one place of the node that starts processes: systemd's own small programs. */
import { execFile } from 'node:child_process'

const TIMEOUT_MS = 20_000
const OUTPUT_BYTES = 64 * 1024

/**
 * Runs a program found on the PATH, without a shell, for at most 20 s; gives its standard output.
 *
 * @throws when it can't be started, fails, or says more than 64 KiB.
 */
export function runProgram(name: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(name, args, { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    )
  })
}
