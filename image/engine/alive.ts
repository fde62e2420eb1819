/**
 * Names of running processes that are never used twice: `<pid>-<ticks>`, where the ticks from the
 * machine's start to that of the process (proc(5), /proc/<pid>/stat, field 22) tell it from a later
 * one with the same number, as containers that share a cache have them all the time.
 */
import { readFileSync } from 'node:fs'

/** Name of this process, to mark what belongs to it. */
export const me = nameOf(process.pid) ?? `${process.pid}-0`

/** Whether the process that `name` begins with (`<pid>-<ticks>` and whatever follows) still runs. */
export function alive(name: string): boolean {
  const [, pid, ticks] = /^([1-9]\d*)(?:-(\d+))?(?!\d)/.exec(name) ?? []
  if (pid === undefined) return false
  const now = nameOf(Number(pid))
  if (now !== undefined) return ticks === undefined || now === `${pid}-${ticks}`
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    // Another user's process, on a machine that hides those.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function nameOf(pid: number): string | undefined {
  try {
    // The second field is the program's name in parentheses, and may hold spaces and parentheses.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\)/s, '')
      .trim()
      .split(' ')
    return `${pid}-${fields[19]}`
  } catch {
    return undefined
  }
}
