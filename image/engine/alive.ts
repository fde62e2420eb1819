/**
 * Names of running processes that are never used twice: `<pid>-<ticks>`, where the ticks from the
 * machine's start to that of the process (proc(5), /proc/<pid>/stat, field 22) tell it from a later
 * one with the same number, as containers that share a cache have them all the time.
 */
import { readFileSync } from 'node:fs'

/** Name of this process, to mark what belongs to it. */
export const me = processName(process.pid) ?? `${process.pid}-0`

/** Whether the process that `name` begins with (`<pid>-<ticks>` and whatever follows) still runs. */
export function alive(name: string): boolean {
  const [, pid, ticks] = /^([1-9]\d*)-(\d+)(?!\d)/.exec(name) ?? []
  if (pid === undefined) return false
  const now = processName(Number(pid))
  if (now !== undefined) return now === `${pid}-${ticks}`
  try {
    process.kill(Number(pid), 0)
    return false // it is ours, and has ended
  } catch (error) {
    // Another user's process, on a machine that hides those.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Name of a running process; undefined when there is none, or it has ended and nobody asked how. */
export function processName(pid: number): string | undefined {
  try {
    // The second field is the program's name in parentheses, and may hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim()
    const fields = stat.split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${pid}-${fields[19]}`
  } catch {
    return undefined
  }
}
