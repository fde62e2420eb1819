/**
 * Whether every block of the running root is checked as it is read (dm-verity). The device behind
 * `/` is looked up in mountinfo (proc_pid_mountinfo(5)); device mapper names what it is in
 * `dm/uuid`, and cryptsetup begins that of a verity device with `CRYPT-VERITY-`.
 */
import { readFact } from './read.ts'
import type { Verity } from './status.ts'

const MOUNTINFO_BYTES = 256 * 1024

export function readVerity(root: string): Verity {
  const device = rootDevice(readFact(root, 'proc/self/mountinfo', MOUNTINFO_BYTES) ?? '')
  if (device === undefined) return 'unknown'
  const uuid = readFact(root, `sys/dev/block/${device}/dm/uuid`, 256)
  return uuid?.startsWith('CRYPT-VERITY-') ? 'on' : 'off'
}

/** `254:0` of the file system at `/`; the last line wins, as later mounts hide earlier ones. */
function rootDevice(mountinfo: string): string | undefined {
  let device: string | undefined
  for (const line of mountinfo.split('\n')) {
    const [, , numbers, , point] = line.split(' ')
    if (point === '/' && numbers !== undefined && /^\d{1,8}:\d{1,8}$/.test(numbers))
      device = numbers
  }
  return device
}
