/**
 * The QEMU command line of a board: pure, so that a test can read it. The places on the PCI bus are
 * fixed, because the guest names its ports by them: slot 2 is `enp0s2` (WAN), slot 3 is `enp0s3`
 * (LAN). Descriptors: 3 QMP, 4 serial port, 5 root console (hvc0), 6 the TPM's control channel.
 */
import { join } from 'node:path'
import type { Board } from '../../board/board.ts'
import { comma } from './comma.ts'
import type { Firmware } from './firmware.ts'
import { lanArguments, wanArguments } from './network.ts'
import type { Toolset } from '../toolset.ts'

export type Accel = 'kvm' | 'tcg'

export type Disk = { readonly file: string; readonly format: 'raw' | 'qcow2' }

export type Machine = {
  readonly tools: Toolset
  readonly board: Board
  readonly accel: Accel
  readonly firmware: Firmware
  /** This machine's own firmware variables; written by the guest. */
  readonly vars: string
  readonly disk?: Disk
  readonly secureBoot: boolean
  readonly tpm: boolean
}

/** Name of the QEMU program of a board. */
export function qemuProgram(board: Board): string {
  return `qemu-system-${board.arch}`
}

/** Where QEMU looks for option ROMs and key maps; its built-in place is the host's. */
export function dataFolders(tools: Toolset): string[] {
  return ['qemu', 'seabios'].flatMap(name => ['-L', join(tools.root, 'usr/share', name)])
}

/** Machine type, processor and accelerator: what the KVM probe must share with a real guest. */
export function processorArguments(board: Board, accel: Accel, secureBoot = false): string[] {
  const smm = board.arch === 'x86_64' ? `,smm=${secureBoot ? 'on' : 'off'}` : ''
  // Pointer authentication by QARMA takes half of the emulator's time; any other cipher will do.
  const emulated = board.arch === 'aarch64' ? `${board.qemu.cpu},pauth-impdef=on` : board.qemu.cpu
  return [
    ...['-machine', board.qemu.machine + smm],
    ...['-accel', accel === 'kvm' ? 'kvm' : 'tcg,thread=multi'],
    ...['-cpu', accel === 'kvm' ? 'host' : emulated],
  ]
}

/** All arguments of the QEMU program of `board`. */
export function machineArguments(machine: Machine): string[] {
  const { tools, board, accel, firmware, vars, disk, secureBoot, tpm } = machine
  return [
    ...dataFolders(tools),
    ...['-name', `blocktree-${board.name}`, '-nodefaults', '-no-user-config', '-display', 'none'],
    ...processorArguments(board, accel, secureBoot),
    ...['-smp', `${board.qemu.cpus}`, '-m', `${board.qemu.memoryMiB}M`],
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${comma(firmware.code)}`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${comma(vars)}`],
    ...(secureBoot && board.arch === 'x86_64'
      ? ['-global', 'driver=cfi.pflash01,property=secure,value=on']
      : []),
    ...socket('qmp', 3),
    ...['-mon', 'chardev=qmp,mode=control'],
    ...socket('serial', 4),
    ...['-serial', 'chardev:serial'],
    ...wanArguments('0x2'),
    ...lanArguments('0x3', board.network.lan),
    ...(disk
      ? [
          ...['-drive', `if=none,id=disk,format=${disk.format},file=${comma(disk.file)}`],
          ...['-device', 'virtio-blk-pci,drive=disk,addr=0x4,bootindex=0,romfile='],
        ]
      : []),
    ...socket('hvc0', 5),
    ...['-device', 'virtio-serial-pci,addr=0x5,romfile=', '-device', 'virtconsole,chardev=hvc0'],
    ...['-device', 'virtio-rng-pci,addr=0x6,romfile='],
    ...['-device', 'i6300esb,addr=0x7,romfile=', '-action', 'watchdog=reset'],
    ...(tpm
      ? [
          ...socket('tpm', 6),
          ...['-tpmdev', 'emulator,id=tpm0,chardev=tpm'],
          ...['-device', `${board.qemu.tpm},tpmdev=tpm0`],
        ]
      : []),
  ]
}

function socket(id: string, fd: number): string[] {
  return ['-chardev', `socket,id=${id},fd=${fd}`]
}
