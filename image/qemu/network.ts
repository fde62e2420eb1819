/**
 * The two networks of a machine, both in QEMU's user space: the WAN leads out by the host's own
 * connections; the LAN holds the router and, as its only other member, the host at address 254,
 * which reaches the router through a forwarded loopback port. Nothing else crosses the LAN.
 */
import type { Qmp } from './qmp.ts'
import { QemuError } from './error.ts'

/** The upstream network: QEMU plays DHCP server, DNS and gateway. */
export function wanArguments(slot: string): string[] {
  return [
    ...['-netdev', 'user,id=wan'],
    ...['-device', `virtio-net-pci,netdev=wan,addr=${slot},mac=52:54:00:77:00:01,romfile=`],
  ]
}

/** The home network `lan` (the router's address with prefix, such as `10.77.0.1/24`). */
export function lanArguments(slot: string, lan: string): string[] {
  const { network, prefix, host, dns, dhcp } = lanPlan(lan)
  const user = `user,id=lan,net=${network}/${prefix},host=${host},dns=${dns},dhcpstart=${dhcp}`
  return [
    // No IPv6 of QEMU's own: its router advertisements would compete with the router's.
    ...['-netdev', `${user},restrict=on,ipv6=off`],
    ...['-device', `virtio-net-pci,netdev=lan,addr=${slot},mac=52:54:00:77:00:02,romfile=`],
  ]
}

/**
 * Addresses on the LAN: the last but one is the host, the three before it are QEMU's DNS and DHCP.
 *
 * @throws {QemuError} `VM_START` when `lan` is no IPv4 address with a prefix of 8 to 28 bits.
 */
export function lanPlan(lan: string) {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(lan)
  const [a = 256, b = 256, c = 256, d = 256, prefix = 0] = (match ?? []).slice(1).map(Number)
  if (Math.max(a, b, c, d) > 255 || prefix < 8 || prefix > 28)
    throw new QemuError('VM_START', `network.lan is ${lan}; expected IPv4 with /8 to /28`)
  const own = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d
  const size = 2 ** (32 - prefix)
  const first = own - (own % size)
  const text = (n: number) =>
    [24, 16, 8, 0].map(shift => Math.floor(n / 2 ** shift) % 256).join('.')
  return {
    router: text(own),
    network: text(first),
    prefix,
    host: text(first + size - 2),
    dns: text(first + size - 3),
    dhcp: text(first + size - 4),
  }
}

/**
 * Forwards a loopback TCP port of the host to port 80 of the router. QEMU itself takes the port, so
 * there is no moment in which someone else could.
 *
 * @param wanted  Ports to try in this order; 0 lets the system choose.
 * @returns the port on 127.0.0.1.
 * @throws {QemuError} `PORT_TAKEN` when none of them is free.
 */
export async function forwardPage(
  qmp: Qmp,
  lan: string,
  wanted: readonly number[],
): Promise<number> {
  const hmp = async (line: string) =>
    `${await qmp.command('human-monitor-command', { 'command-line': line })}`.trim()
  const { router } = lanPlan(lan)
  let said = ''
  for (const port of wanted) {
    said = await hmp(`hostfwd_add lan tcp:127.0.0.1:${port}-${router}:80`)
    if (said === '') break
  }
  const rules = await hmp('info usernet')
  const row = /TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+80\b/.exec(rules)
  if (row) return Number(row[1])
  throw new QemuError(
    'PORT_TAKEN',
    `QEMU can't listen on port ${wanted.join(' or ')} of 127.0.0.1 (${said || rules}); ` +
      'stop what uses it or name another with --port',
  )
}
