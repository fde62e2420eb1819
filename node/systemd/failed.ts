/** Which units of the system failed, as `systemctl` tells. */
import { runProgram } from './program.ts'

/** Names of failed units; none on a machine without systemd is the caller's to know. */
export async function failedUnits(run = runProgram): Promise<string[]> {
  const text = await run('systemctl', ['list-units', '--state=failed', '--plain', '--no-legend'])
  return text
    .split('\n')
    .map(line => line.trim().split(/\s+/)[0] ?? '')
    .filter(name => name !== '')
}
