/** Main memory, from `/proc/meminfo` (proc_meminfo(5)), which counts in KiB and calls them kB. */
import { readFact } from './read.ts'
import type { Memory } from './status.ts'

export function readMemory(root: string): Memory | undefined {
  const text = readFact(root, 'proc/meminfo', 8192) ?? ''
  const total = kib(text, 'MemTotal')
  const available = kib(text, 'MemAvailable')
  if (total === undefined || available === undefined || available > total) return undefined
  return { total: total * 1024, available: available * 1024 }
}

function kib(text: string, name: string): number | undefined {
  const match = new RegExp(`^${name}: +(\\d{1,12}) kB$`, 'm').exec(text)
  return match ? Number(match[1]) : undefined
}
