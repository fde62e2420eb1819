/**
 * The network interfaces: names, kinds and links from `/sys/class/net`
 * (Documentation/ABI/testing/sysfs-class-net), addresses from the system call behind
 * `os.networkInterfaces`. The loopback interface is left out.
 */
import type { NetworkInterfaceInfo } from 'node:os'
import { toAddresses } from './addresses.ts'
import { listFacts, readFact } from './read.ts'
import { readDefaultRoutes } from './routes.ts'
import type { Interface } from './status.ts'

/** What `os.networkInterfaces()` gives. */
export type AddressTable = NodeJS.Dict<NetworkInterfaceInfo[]>

/** Kernel names may hold anything but white space and `/`; stranger ones are not shown. */
const NAME = /^(?!lo$)[A-Za-z0-9_.:@-]{1,15}$/
const ARPHRD_ETHER = '1'
const MAC = /^(?!00:00:00:00:00:00$)[0-9a-f]{2}(:[0-9a-f]{2}){5}$/

/** At most 64 interfaces, those that lead to the Internet first, then by name. */
export function readNetwork(root: string, table: AddressTable): Interface[] {
  const internet = readDefaultRoutes(root)
  const all = listFacts(root, 'sys/class/net', NAME).map((name): Interface => {
    const fact = (file: string) => readFact(root, `sys/class/net/${name}/${file}`, 512)?.trim()
    const speed = Number(/^\d{1,7}$/.exec(fact('speed') ?? '')?.[0] ?? 0)
    const mac = fact('address')?.toLowerCase()
    return {
      name,
      kind: kindOf(fact('uevent') ?? '', fact('type'), fact('device/uevent') !== undefined),
      role: internet.has(name) ? 'internet' : 'local',
      link: linkOf(fact('operstate')),
      ...(speed > 0 ? { speed } : {}),
      ...(mac !== undefined && MAC.test(mac) ? { mac } : {}),
      addresses: toAddresses(table[name] ?? []),
    }
  })
  return all.sort((a, b) => Number(a.role !== 'internet') - Number(b.role !== 'internet'))
}

function kindOf(uevent: string, type: string | undefined, device: boolean): Interface['kind'] {
  const devtype = /^DEVTYPE=(\w+)$/m.exec(uevent)?.[1]
  if (devtype === 'wlan') return 'wifi'
  if (devtype === 'bridge') return 'bridge'
  if (devtype === 'wireguard' || devtype === 'ppp') return 'tunnel'
  if (type !== ARPHRD_ETHER) return 'tunnel'
  return device ? 'ethernet' : 'virtual'
}

function linkOf(operstate: string | undefined): Interface['link'] {
  if (operstate === 'up') return 'up'
  return operstate === undefined || operstate === 'unknown' ? 'unknown' : 'down'
}
