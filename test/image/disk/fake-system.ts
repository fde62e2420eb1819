/** A sysfs, a proc and a udev of a machine that does not exist, as folders of files and links. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { after } from 'node:test'
import type { System } from '../../../image/disk/block-device.ts'

export type FakeDevice = {
  readonly name: string
  readonly number: string
  /** Name of the disk, for partitions. */
  readonly of?: string
  /** Devices that this one is made of. */
  readonly slaves?: readonly string[]
  /** More files in its folder. */
  readonly files?: Readonly<Record<string, string>>
}

export type FakeMachine = {
  readonly devices: readonly FakeDevice[]
  /** `8:1 / /mnt ext4 /dev/sda1` */
  readonly mounts?: readonly string[]
  readonly swaps?: readonly string[]
  /** Files below `data/`. */
  readonly udev?: Readonly<Record<string, string>>
}

export function fakeSystem({ devices, mounts = [], swaps = [], udev = {} }: FakeMachine): System {
  const top = mkdtempSync(join(tmpdir(), 'system-'))
  after(() => rmSync(top, { recursive: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(top, path)), { recursive: true })
    writeFileSync(join(top, path), `${text}\n`)
  }
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(top, path)), { recursive: true })
    symlinkSync(relative(dirname(join(top, path)), join(top, target)), join(top, path))
  }
  const folder = (name: string): string => {
    const device = devices.find(d => d.name === name)!
    return device.of ? `${folder(device.of)}/${name}` : `sys/devices/pci/block/${name}`
  }
  for (const { name, number, of, slaves = [], files = {} } of devices) {
    write(`${folder(name)}/dev`, number)
    write(`${folder(name)}/size`, '2048')
    write(`${folder(name)}/ro`, '0')
    mkdirSync(join(top, folder(name), 'holders'), { recursive: true })
    if (of !== undefined) write(`${folder(name)}/partition`, '1')
    for (const [file, text] of Object.entries(files)) write(`${folder(name)}/${file}`, text)
    link(`sys/dev/block/${number}`, folder(name))
    link(`sys/class/block/${name}`, folder(name))
    for (const slave of slaves) {
      link(`${folder(name)}/slaves/${slave}`, folder(slave))
      link(`${folder(slave)}/holders/${name}`, folder(name))
    }
  }
  const lines = mounts.map((line, i) => {
    const [number, root, point, type, source] = line.split(' ')
    return `${20 + i} 1 ${number} ${root} ${point} rw,relatime shared:1 - ${type} ${source} rw`
  })
  write('proc/self/mountinfo', lines.join('\n'))
  write('proc/swaps', ['Filename Type Size Used Priority', ...swaps].join('\n'))
  for (const [file, text] of Object.entries(udev)) write(`udev/data/${file}`, text)
  return { proc: join(top, 'proc'), sys: join(top, 'sys'), udev: join(top, 'udev') }
}
