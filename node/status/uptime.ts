/** Seconds since the kernel started, from `/proc/uptime` (proc_uptime(5)). */
import { readFact } from './read.ts'

export function readUptime(root: string): number | undefined {
  const match = /^(\d{1,12})(\.\d{1,9})? /.exec(readFact(root, 'proc/uptime', 64) ?? '')
  return match ? Math.floor(Number(match[1])) : undefined
}
