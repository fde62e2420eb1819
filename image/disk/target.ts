/**
 * Decides whether something may be written over. The rule is that nothing which is in use can be: a
 * mounted file system, swap, a volume group, an array or an encrypted volume anywhere on the disk,
 * however deep, refuses it, and so does the kernel itself when the disk is opened.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  blockDevice,
  deviceNumber,
  HOST,
  type BlockDevice,
  type Layer,
  type System,
} from './block-device.ts'
import { FlashError } from './flash-error.ts'
import { SECTOR } from './gpt.ts'

export type Target = {
  /** As given by the user. */
  readonly path: string
  readonly kind: 'disk' | 'file'
  readonly bytes: number
  /** Empty when unknown. */
  readonly model: string
  readonly serial: string
  readonly removable: boolean
  readonly partitions: readonly Layer[]
}

/** Mount points without which the machine does not run. */
const SYSTEM_MOUNTS = ['/', '/usr', '/sysroot']

/**
 * Looks at what a path names and refuses what must not be written over.
 *
 * @throws {FlashError} `FLASH_NOT_DEVICE`, `FLASH_PARTITION`, `FLASH_SYSTEM_DISK`, `FLASH_MOUNTED`,
 *   `FLASH_IN_USE`, `FLASH_READ_ONLY`, `FLASH_SECTOR_SIZE`.
 */
export function examine(path: string, system: System = HOST): Target {
  if (!existsSync(path))
    throw new FlashError('FLASH_NOT_DEVICE', `there is no ${path}; lsblk lists the disks there are`)
  const stat = statSync(realpathSync(path), { bigint: true })
  if (stat.isFile()) {
    refuseAttached(path, system)
    const bytes = Number(stat.size)
    return { path, kind: 'file', bytes, model: '', serial: '', removable: false, partitions: [] }
  }
  const device = stat.isBlockDevice() ? blockDevice(deviceNumber(stat.rdev), system) : undefined
  if (device === undefined)
    throw new FlashError(
      'FLASH_NOT_DEVICE',
      `${path} is no disk: a block device such as /dev/sdb or a file expected`,
    )
  refuseUnfit(path, device, system)
  const { bytes, model, serial, removable, layers } = device
  const partitions = layers.filter(layer => layer.kind === 'partition')
  return { path, kind: 'disk', bytes, model, serial, removable, partitions }
}

/** A file may stand behind a loop device, and that may be mounted. */
function refuseAttached(path: string, system: System): void {
  const real = realpathSync(path)
  const folder = join(system.sys, 'class/block')
  const names = existsSync(folder) ? readdirSync(folder) : []
  const loop = names.find(name => {
    const file = join(folder, name, 'loop/backing_file')
    return existsSync(file) && readFileSync(file, 'utf8').trim() === real
  })
  if (loop !== undefined)
    throw new FlashError(
      'FLASH_IN_USE',
      `${path} is the file behind /dev/${loop}; detach it first: losetup -d /dev/${loop}`,
    )
}

/** @throws {FlashError} like {@link examine}. */
export function refuseUnfit(path: string, device: BlockDevice, system: System): void {
  if (device.partitionOf !== undefined)
    throw new FlashError(
      'FLASH_PARTITION',
      `${path} is a partition: the image holds a whole disk, did you mean /dev/${device.partitionOf}?`,
    )
  const mounts = mountsOn(device.layers, system)
  const of = (list: typeof mounts) => list.map(m => `${m.point} (${m.layer.title})`).join(', ')
  const vital = mounts.filter(m => SYSTEM_MOUNTS.includes(m.point))
  if (vital.length > 0)
    throw new FlashError(
      'FLASH_SYSTEM_DISK',
      `${path} holds the system you are running: ${of(vital)}; name another disk`,
    )
  if (mounts.length > 0)
    throw new FlashError(
      'FLASH_MOUNTED',
      `${path} is mounted: ${of(mounts)}; unmount it first: ` +
        mounts.map(m => `umount ${m.point}`).join(' && '),
    )
  const swap = device.layers.find(layer => swaps(system).includes(layer.number))
  if (swap !== undefined)
    throw new FlashError(
      'FLASH_IN_USE',
      `${path} holds swap space in use: ${swap.title}; stop it first: swapoff /dev/${swap.name}`,
    )
  const stacked = device.layers.filter(layer => layer.kind === 'stacked')
  if (stacked.length > 0)
    throw new FlashError(
      'FLASH_IN_USE',
      `${path} is part of ${stacked.map(l => l.title).join(', ')}; stop that first ` +
        '(vgchange -an, mdadm --stop or cryptsetup close)',
    )
  if (device.madeOf.length > 0)
    throw new FlashError(
      'FLASH_PARTITION',
      `${path} is no disk but made of ${device.madeOf.join(', ')}; name a whole disk`,
    )
  if (device.readOnly)
    throw new FlashError(
      'FLASH_READ_ONLY',
      `${path} is write-protected: a switch on the card or adapter may be on`,
    )
  if (device.sectorBytes !== SECTOR)
    throw new FlashError(
      'FLASH_SECTOR_SIZE',
      `${path} has sectors of ${device.sectorBytes} bytes, the image is made for ${SECTOR}`,
    )
}

type Mount = { readonly point: string; readonly layer: Layer }

/** Lines of proc_pid_mountinfo(5): `36 35 98:0 /root /mount options - type source super`. */
function mountsOn(layers: readonly Layer[], system: System): Mount[] {
  const text = readFileSync(join(system.proc, 'self/mountinfo'), 'utf8')
  return text.split('\n').flatMap(line => {
    const [, , number, , point = ''] = line.split(' ')
    const [, source = ''] = line.split(' - ')[1]?.split(' ') ?? []
    // btrfs shows a number of its own, so the source is looked at as well.
    const layer = layers.find(l => l.number === number || `/dev/${l.name}` === plainText(source))
    return layer === undefined ? [] : [{ point: plainText(point), layer }]
  })
}

/** Numbers of the devices that `/proc/swaps` lists; swap files are found by their mount. */
function swaps(system: System): string[] {
  const file = join(system.proc, 'swaps')
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(1)
  return lines.flatMap(line => {
    const path = plainText(line.split(/\s/)[0] ?? '')
    if (!path.startsWith('/dev/')) return []
    const folder = join(system.sys, 'class/block', path.slice(5))
    if (existsSync(folder)) return [readFileSync(join(folder, 'dev'), 'utf8').trim()]
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat?.isBlockDevice() ? [deviceNumber(stat.rdev)] : []
  })
}

function plainText(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
}
