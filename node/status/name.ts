/** The host name the kernel has now; it may change while the node runs. */
import { readFact } from './read.ts'

/** Lower case; `localhost` when there is none that a web address could carry (RFC 1123, 2.1). */
export function readName(root: string): string {
  const name = readFact(root, 'proc/sys/kernel/hostname', 256)?.trim().toLowerCase() ?? ''
  return /^(?=.{1,63}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) ? name : 'localhost'
}
