import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { blockDevice, deviceNumber } from '../../../image/disk/block-device.ts'
import { examine, refuseUnfit } from '../../../image/disk/target.ts'
import { fakeSystem, type FakeDevice, type FakeMachine } from './fake-system.ts'

const SDA: FakeDevice = {
  name: 'sda',
  number: '8:0',
  files: {
    size: '1000215216',
    removable: '0',
    'queue/logical_block_size': '512',
    'device/vendor': 'ATA     ',
    'device/model': 'Samsung SSD 870 ',
  },
}
const sda = (n: number): FakeDevice => ({ name: `sda${n}`, number: `8:${n}`, of: 'sda' })
const dm = (n: number, slaves: string[], name: string): FakeDevice => ({
  name: `dm-${n}`,
  number: `252:${n}`,
  slaves,
  files: { 'dm/name': name },
})

function look(machine: FakeMachine, number = '8:0'): void {
  const system = fakeSystem(machine)
  refuseUnfit('/dev/x', blockDevice(number, system)!, system)
}

describe('what sysfs says of a disk', () => {
  it('is read: size in bytes, model, what stands on it in any depth', () => {
    const machine = {
      devices: [SDA, sda(1), sda(2), dm(0, ['sda2'], 'luks-1'), dm(1, ['dm-0'], 'vg-root')],
    }
    const device = blockDevice('8:0', fakeSystem(machine))!
    assert.equal(device.bytes, 1000215216 * 512)
    assert.equal(device.model, 'ATA      Samsung SSD 870'.replace(/ +/g, ' '))
    assert.deepEqual(
      device.layers.map(l => `${l.kind} ${l.title} ${l.number}`),
      [
        'disk sda 8:0',
        'partition sda1 8:1',
        'partition sda2 8:2',
        'stacked luks-1 (dm-0) on sda2 252:0',
        'stacked vg-root (dm-1) on dm-0 252:1',
      ],
    )
  })

  it("takes udev's names first: it knows what is behind a USB bridge", () => {
    const udev = { 'b8:0': 'S:disk/by-id/usb\nE:ID_MODEL=Ultra_Fit\nE:ID_SERIAL_SHORT=4C53' }
    const device = blockDevice('8:0', fakeSystem({ devices: [SDA], udev }))!
    assert.equal(`${device.model}, ${device.serial}`, 'Ultra Fit, 4C53')
  })

  it('knows cards and virtual disks by other files', () => {
    const files = { 'device/name': 'SC32G', 'device/serial': '0x1234' }
    const card = blockDevice(
      '179:0',
      fakeSystem({ devices: [{ name: 'mmcblk0', number: '179:0', files }] }),
    )!
    assert.equal(`${card.model}, ${card.serial}`, 'SC32G, 0x1234')
    const virtual = { name: 'vda', number: '254:0', files: { serial: 'VOL1' } }
    assert.equal(blockDevice('254:0', fakeSystem({ devices: [virtual] }))!.serial, 'VOL1')
    assert.equal(blockDevice('9:9', fakeSystem({ devices: [SDA] })), undefined)
  })

  it('unpacks device numbers as glibc does', () => {
    assert.equal(deviceNumber(0x803n), '8:3')
    assert.equal(deviceNumber(0x103ffn), '259:255')
    assert.equal(deviceNumber(0x1003ffn), '3:511')
    assert.equal(deviceNumber(0x0000_1000_0010_0301n), `${0x1000 | 3}:${0x101}`)
  })
})

describe('what may be written over', () => {
  it('is a disk of which nothing is in use', () => {
    look({
      devices: [
        SDA,
        sda(1),
        { name: 'sdb', number: '8:16' },
        { name: 'sdb1', number: '8:17', of: 'sdb' },
      ],
      mounts: ['8:17 / / ext4 /dev/sdb1', '0:21 / /proc proc proc'],
      swaps: ['/dev/sdb1 partition 1 0 -2', '/swapfile file 1 0 -3'],
    })
  })

  const cases: [string, string, RegExp, FakeMachine, string?][] = [
    [
      'a partition, naming the disk',
      'FLASH_PARTITION',
      /did you mean \/dev\/sda\?/,
      { devices: [SDA, sda(1)] },
      '8:1',
    ],
    [
      'the disk of the running system',
      'FLASH_SYSTEM_DISK',
      /the system you are running: \/ \(sda2\); name another/,
      {
        devices: [SDA, sda(1), sda(2)],
        mounts: ['8:1 / /boot vfat /dev/sda1', '8:2 / / ext4 /dev/sda2'],
      },
    ],
    [
      'the system below encryption and LVM',
      'FLASH_SYSTEM_DISK',
      /\/ \(vg-root \(dm-1\) on dm-0\)/,
      {
        devices: [SDA, sda(3), dm(0, ['sda3'], 'crypt'), dm(1, ['dm-0'], 'vg-root')],
        mounts: ['252:1 / / ext4 /dev/mapper/vg-root'],
      },
    ],
    [
      'a btrfs, whose mount has another number',
      'FLASH_SYSTEM_DISK',
      /\/ \(sda1\)/,
      { devices: [SDA, sda(1)], mounts: ['0:35 /@ / btrfs /dev/sda1'] },
    ],
    [
      'a mounted partition, with how to unmount it',
      'FLASH_MOUNTED',
      /\/media\/my stick \(sda1\); unmount it first: umount \/media\/my stick$/,
      { devices: [SDA, sda(1)], mounts: ['8:1 / /media/my\\040stick vfat /dev/sda1'] },
    ],
    [
      'a mounted disk without partitions',
      'FLASH_MOUNTED',
      /\/mnt \(sda\)/,
      { devices: [SDA], mounts: ['8:0 / /mnt ext4 /dev/sda'] },
    ],
    [
      'swap on a partition',
      'FLASH_IN_USE',
      /swap space in use: sda2; stop it first: swapoff \/dev\/sda2/,
      { devices: [SDA, sda(2)], swaps: ['/dev/sda2 partition 1 0 -2'] },
    ],
    [
      'swap on a volume of the disk',
      'FLASH_IN_USE',
      /swapoff \/dev\/dm-0/,
      { devices: [SDA, sda(2), dm(0, ['sda2'], 'vg-swap')], swaps: ['/dev/dm-0 partition 1 0 -2'] },
    ],
    [
      'part of an array',
      'FLASH_IN_USE',
      /is part of md0 on sda1; stop that first/,
      {
        devices: [
          SDA,
          sda(1),
          { name: 'sdb', number: '8:16' },
          { name: 'md0', number: '9:0', slaves: ['sda1', 'sdb'] },
        ],
      },
    ],
    [
      'a volume that is no disk',
      'FLASH_PARTITION',
      /made of sda1; name a whole disk/,
      { devices: [SDA, sda(1), dm(0, ['sda1'], 'vg-x')] },
      '252:0',
    ],
    [
      'a write-protected card',
      'FLASH_READ_ONLY',
      /a switch on the card/,
      { devices: [{ ...SDA, files: { ...SDA.files, ro: '1' } }] },
    ],
    [
      'a disk with 4096-byte sectors',
      'FLASH_SECTOR_SIZE',
      /sectors of 4096 bytes, the image is made for 512/,
      { devices: [{ ...SDA, files: { ...SDA.files, 'queue/logical_block_size': '4096' } }] },
    ],
  ]
  for (const [what, code, message, machine, number] of cases)
    it(`is not ${what}`, () => {
      assert.throws(() => look(machine, number), { name: 'FlashError', code, message })
    })
})

describe('paths as targets', () => {
  it('are no files that stand behind a loop device', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'target-')))
    try {
      const file = join(folder, 'disk')
      writeFileSync(file, 'x')
      const loop = { name: 'loop7', number: '7:7', files: { 'loop/backing_file': file } }
      assert.throws(() => examine(file, fakeSystem({ devices: [loop] })), {
        code: 'FLASH_IN_USE',
        message: /disk is the file behind \/dev\/loop7; detach it first: losetup -d \/dev\/loop7/,
      })
      assert.equal(examine(file, fakeSystem({ devices: [] })).kind, 'file')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('are files by their size, devices only if they are blocks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'target-'))
    try {
      writeFileSync(join(folder, 'disk'), Buffer.alloc(1000))
      symlinkSync('disk', join(folder, 'link'))
      assert.equal(examine(join(folder, 'link')).bytes, 1000)
      assert.equal(examine(join(folder, 'link')).kind, 'file')
      for (const path of [folder, '/dev/null', join(folder, 'none')])
        assert.throws(() => examine(path), { code: 'FLASH_NOT_DEVICE' }, path)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
