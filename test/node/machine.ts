/** Machines made of plain files, for tests: folders that look like `/` to the node. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { NetworkInterfaceInfo } from 'node:os'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Machine } from '../../node/status/collect.ts'

/** Files by path; a value that begins with `-> ` makes a link. */
export type Files = Readonly<Record<string, string>>

const made: string[] = []
process.once('exit', () => made.forEach(root => rmSync(root, { recursive: true, force: true })))

/** A new folder that holds `files`; it goes when the test process ends. */
export function makeRoot(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'blocktree-machine-'))
  made.push(root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), join(root, path))
    else writeFileSync(join(root, path), text)
  }
  return root
}

/** Files of one network interface as sysfs shows them. */
export function port(name: string, facts: Readonly<Record<string, string>>): Files {
  const files: Record<string, string> = {}
  const all = { type: '1', uevent: `INTERFACE=${name}\n`, operstate: 'up', ...facts }
  for (const [file, text] of Object.entries(all))
    files[`sys/class/net/${name}/${file}`] = `${text}\n`
  return files
}

/** An entry as `os.networkInterfaces()` gives it. @param cidr  `10.0.0.1/24` */
export function address(cidr: string): NetworkInterfaceInfo {
  const text = cidr.split('/')[0]!
  const rest = { address: text, netmask: '', mac: '', internal: false, cidr }
  return text.includes(':') ? { ...rest, family: 'IPv6', scopeid: 0 } : { ...rest, family: 'IPv4' }
}

/** A router of ours as it should be: verified slot a, TPM 2.0, Internet and home connected. */
export const ROUTER: Files = {
  'run/blocktree/slot': 'a\n',
  'proc/sys/kernel/hostname': 'blocktree-7c1e\n',
  'proc/uptime': '277384.12 540000.00\n',
  'proc/meminfo': 'MemTotal:        1004212 kB\nMemFree: 1 kB\nMemAvailable:     812440 kB\n',
  'proc/self/mountinfo':
    '22 1 254:0 / / ro,nodev,relatime - erofs /dev/mapper/root ro\n' +
    '30 22 0:25 / /proc rw - proc proc rw\n',
  'sys/dev/block/254:0/dm/uuid': `CRYPT-VERITY-${'0a'.repeat(32)}-root\n`,
  'sys/class/tpm/tpm0/tpm_version_major': '2\n',
  'proc/net/route':
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n' +
    'enp0s2\t00000000\t0202000A\t0003\t0\t0\t1024\t00000000\t0\t0\t0\n' +
    'lan\t00004D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n',
  ...port('lo', { type: '772', operstate: 'unknown' }),
  ...port('enp0s2', { 'device/uevent': '', speed: '1000', address: '52:54:00:12:34:56' }),
  ...port('enp0s3', { 'device/uevent': '', speed: '2500', address: '52:54:00:12:34:57' }),
  ...port('lan', { uevent: 'DEVTYPE=bridge\nINTERFACE=lan', address: '52:54:00:12:34:57' }),
}

export const ROUTER_ADDRESSES = {
  lo: [address('127.0.0.1/8')],
  enp0s2: [address('203.0.113.27/24'), address('fe80::5054:ff:fe12:3456/64')],
  lan: [address('10.77.0.1/24'), address('fd4b:71::1/64')],
}

/** A machine for {@link collectStatus}; what time it is there stands still. */
export function makeMachine(files: Files, addresses: Machine['addresses'] = () => ({})): Machine {
  return { root: makeRoot(files), addresses, now: () => new Date('2026-11-23T12:00:00Z') }
}
