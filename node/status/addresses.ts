/** Addresses of one interface, sorted for people: IPv4 first, those of the own link last. */
import { BlockList, isIP, type IPVersion } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import type { Address } from './status.ts'

const LIMIT = 32

/** RFC 1918, RFC 6598 (a provider's own network address translation), RFC 4193, RFC 3879. */
const PRIVATE = new BlockList()
PRIVATE.addSubnet('10.0.0.0', 8, 'ipv4')
PRIVATE.addSubnet('172.16.0.0', 12, 'ipv4')
PRIVATE.addSubnet('192.168.0.0', 16, 'ipv4')
PRIVATE.addSubnet('100.64.0.0', 10, 'ipv4')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fec0::', 10, 'ipv6')

/** RFC 3927, RFC 4291 section 2.5.6. */
const LINK = new BlockList()
LINK.addSubnet('169.254.0.0', 16, 'ipv4')
LINK.addSubnet('fe80::', 10, 'ipv6')

/** At most 32 addresses; entries that are none are left out. */
export function toAddresses(infos: readonly NetworkInterfaceInfo[]): Address[] {
  const found: Address[] = []
  for (const info of infos.slice(0, LIMIT)) {
    const family = isIP(info.address)
    const prefix = Number(/\/(\d{1,3})$/.exec(info.cidr ?? '')?.[1] ?? (family === 4 ? 32 : 128))
    if (family === 4 || family === 6)
      found.push({ address: info.address, prefix, family, scope: scopeOf(info.address, family) })
  }
  return found.sort((a, b) => rank(a) - rank(b))
}

function scopeOf(address: string, family: 4 | 6): Address['scope'] {
  const version: IPVersion = family === 4 ? 'ipv4' : 'ipv6'
  if (LINK.check(address, version)) return 'link'
  return PRIVATE.check(address, version) ? 'private' : 'global'
}

function rank(address: Address): number {
  return (address.scope === 'link' ? 2 : 0) + (address.family === 6 ? 1 : 0)
}
