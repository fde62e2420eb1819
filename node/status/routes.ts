/**
 * Which interfaces lead to the Internet: those with a default route in `/proc/net/route`
 * (proc_net_route, hexadecimal columns) or `/proc/net/ipv6_route`.
 */
import { readFact } from './read.ts'

const TABLE_BYTES = 64 * 1024
/** Flags of linux/route.h. */
const RTF_UP = 0x1
const RTF_REJECT = 0x200

export function readDefaultRoutes(root: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const line of (readFact(root, 'proc/net/route', TABLE_BYTES) ?? '').split('\n')) {
    const [name, destination, , flags, , , , mask] = line.split('\t')
    if (destination === '00000000' && mask === '00000000' && usable(flags)) found.add(name!)
  }
  for (const line of (readFact(root, 'proc/net/ipv6_route', TABLE_BYTES) ?? '').split('\n')) {
    const columns = line.trim().split(/ +/)
    const [destination, length] = columns
    const name = columns[9]
    if (/^0{32}$/.test(destination ?? '') && length === '00' && name && usable(columns[8]))
      found.add(name)
  }
  return found
}

function usable(flags: string | undefined): boolean {
  if (flags === undefined || !/^[0-9a-fA-F]{1,8}$/.test(flags)) return false
  const bits = parseInt(flags, 16)
  return (bits & RTF_UP) !== 0 && (bits & RTF_REJECT) === 0
}
