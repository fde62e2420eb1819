/**
 * What Linux says about a block device in sysfs: whole disk or partition, what stands on it
 * (partitions, LVM, RAID, encryption, in any depth), and what it is called. Nothing is opened.
 * Source: kernel documentation, ABI/stable/sysfs-block.
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Where the kernel and udev show themselves; tests have folders of their own. */
export type System = { readonly proc: string; readonly sys: string; readonly udev: string }

export const HOST: System = { proc: '/proc', sys: '/sys', udev: '/run/udev' }

/** A device that stands on the disk: the disk itself, a partition, or what is made of those. */
export type Layer = {
  /** `sda`, `sda2`, `dm-0` */
  readonly name: string
  /** `major:minor` */
  readonly number: string
  /** For people: `sda2`, or `vg-home (dm-0) on sda2`. */
  readonly title: string
  readonly kind: 'disk' | 'partition' | 'stacked'
  /** Bytes. */
  readonly size: number
}

export type BlockDevice = {
  readonly name: string
  /** The disk that this is a partition of. */
  readonly partitionOf: string | undefined
  /** Devices that this one is made of, when it is no disk but LVM, RAID or the like. */
  readonly madeOf: readonly string[]
  readonly bytes: number
  readonly sectorBytes: number
  readonly readOnly: boolean
  readonly removable: boolean
  /** Empty when unknown. */
  readonly model: string
  readonly serial: string
  /** This device first, then all that stands on it. */
  readonly layers: readonly Layer[]
}

/** @returns undefined when the kernel knows no block device of that number. */
export function blockDevice(number: string, system: System = HOST): BlockDevice | undefined {
  const link = join(system.sys, 'dev/block', number)
  if (!existsSync(link)) return undefined
  const folder = realpathSync(link)
  const name = basename(folder)
  const partition = existsSync(join(folder, 'partition'))
  return {
    name,
    partitionOf: partition ? basename(dirname(folder)) : undefined,
    madeOf: listed(join(folder, 'slaves')),
    bytes: Number(attribute(folder, 'size')) * 512,
    sectorBytes: Number(attribute(folder, 'queue/logical_block_size') || 512),
    readOnly: attribute(folder, 'ro') === '1',
    removable: attribute(folder, 'removable') === '1',
    ...identity(folder, number, system),
    layers: layersOf(folder, system, { kind: partition ? 'partition' : 'disk', on: '' }),
  }
}

/** Linux packs major and minor number of `stat.rdev` like this (glibc `gnu_dev_makedev`). */
export function deviceNumber(rdev: bigint): string {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)
  return `${major}:${minor}`
}

function layersOf(
  folder: string,
  system: System,
  place: { kind: Layer['kind']; on: string },
  seen = new Set<string>(),
): Layer[] {
  const name = basename(folder)
  if (seen.has(name)) return []
  seen.add(name)
  const mapped = attribute(folder, 'dm/name')
  const own = mapped === '' ? name : `${mapped} (${name})`
  const layer: Layer = {
    name,
    number: attribute(folder, 'dev'),
    title: place.on === '' ? own : `${own} on ${place.on}`,
    kind: place.kind,
    size: Number(attribute(folder, 'size')) * 512,
  }
  const partitions = listed(folder)
    .filter(entry => existsSync(join(folder, entry, 'partition')))
    .map(entry => join(folder, entry))
  const holders = listed(join(folder, 'holders')).map(entry =>
    realpathSync(join(system.sys, 'class/block', entry)),
  )
  return [
    layer,
    ...partitions.flatMap(next => layersOf(next, system, { kind: 'partition', on: '' }, seen)),
    ...holders.flatMap(next => layersOf(next, system, { kind: 'stacked', on: name }, seen)),
  ]
}

/** Model and serial number: udev's, which knows USB bridges, else the drive's own. */
function identity(folder: string, number: string, system: System) {
  const udev = udevProperties(join(system.udev, 'data', `b${number}`))
  const backing = attribute(folder, 'loop/backing_file')
  const own = [attribute(folder, 'device/vendor'), attribute(folder, 'device/model')]
    .join(' ')
    .trim()
  const model =
    udev.get('ID_MODEL')?.replaceAll('_', ' ').trim() ||
    own ||
    attribute(folder, 'device/name') ||
    (backing && `loop device of ${backing}`)
  const serial =
    udev.get('ID_SERIAL_SHORT') || attribute(folder, 'device/serial') || attribute(folder, 'serial')
  return { model, serial }
}

function udevProperties(file: string): Map<string, string> {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return new Map(
    [...text.matchAll(/^E:([A-Z_0-9]+)=(.*)$/gm)].map(([, key, value]) => [key!, value!]),
  )
}

function attribute(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8').trim()
  } catch {
    return ''
  }
}

function listed(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}
