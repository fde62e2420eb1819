/** Which root partition the system runs from: the boot writes `a` or `b` to `/run/blocktree/slot`. */
import { readFact } from './read.ts'
import type { Slot } from './status.ts'

export function readSlot(root: string): Slot {
  const text = readFact(root, 'run/blocktree/slot', 16)?.trim()
  return text === 'a' || text === 'b' ? text : 'unknown'
}
