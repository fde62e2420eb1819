/**
 * What a machine keeps between runs: its disk, the state of its TPM and its firmware variables, in
 * one folder, used by one machine at a time. The image itself is never written: the disk is a layer
 * over it (qcow2), grown to the board's size. With another image, the machine begins anew.
 */
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs'
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readJson, writeAtomic } from '../engine/atomic.ts'
import { run } from '../spawn.ts'
import type { Toolset } from '../toolset.ts'
import { QemuError } from './error.ts'
import type { Disk } from './machine.ts'

export type State = {
  readonly disk: Disk
  /** Firmware variables; made by the machine when missing. */
  readonly vars: string
  /** Folder of the TPM. */
  readonly tpm: string
  /** Everything the serial port said in this run. */
  readonly log: string
  /** Why the machine begins anew; undefined when it goes on from its last run. */
  readonly fresh: string | undefined
  /** Lets others use the folder. */
  release(): void
}

export type StateOptions = {
  readonly tools: Toolset
  readonly folder: string
  /** Path of the image, raw. */
  readonly image: string
  readonly diskMiB: number
  /** Begin anew, whatever is there. */
  readonly fresh: boolean
}

/**
 * Opens the state of the machine in `folder`.
 *
 * @throws {QemuError} `STATE_IN_USE` another machine runs in this folder; `DISK_BAD`.
 */
export async function openState(options: StateOptions): Promise<State> {
  const { tools, folder, diskMiB } = options
  const release = lockFolder(folder)
  try {
    const image = realpathSync(options.image)
    const { size, mtimeMs } = statSync(image)
    if (size > diskMiB * 2 ** 20)
      throw new QemuError(
        'DISK_BAD',
        `${options.image} is ${Math.ceil(size / 2 ** 20)} MiB, the board's disk ${diskMiB} MiB`,
      )
    const now = JSON.stringify({ image, size, mtimeMs })
    const before = JSON.stringify(readJson(join(folder, 'image.json')))
    const fresh = options.fresh ? 'as asked' : before === undefined ? 'first run' : undefined
    const reason = fresh ?? (before === now ? undefined : 'the image has changed')
    const file = join(folder, 'disk.qcow2')
    if (reason !== undefined) {
      forget(folder)
      const layer = ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', image]
      await run(join(tools.bin, 'qemu-img'), [...layer, `${file}.part`, `${diskMiB}M`])
      renameSync(`${file}.part`, file)
      writeAtomic(join(folder, 'image.json'), now)
    }
    return { ...paths(folder), disk: { file, format: 'qcow2' }, fresh: reason, release }
  } catch (error) {
    release()
    throw error
  }
}

/**
 * State for a disk of the user's, which the machine writes to itself; its TPM and variables are kept
 * below `folder`, by the disk's path.
 *
 * @throws {QemuError} `DISK_BAD` no such file; `STATE_IN_USE`.
 */
export function openDisk(folder: string, path: string, fresh: boolean): State {
  const file = resolve(path)
  const format = diskFormat(file)
  const own = join(folder, createHash('sha256').update(file).digest('hex').slice(0, 16))
  const release = lockFolder(own)
  if (fresh) forget(own)
  return { ...paths(own), disk: { file, format }, fresh: fresh ? 'as asked' : undefined, release }
}

/** @throws {QemuError} `DISK_BAD` when there is no file at `path` or it can't be read. */
function diskFormat(path: string): Disk['format'] {
  try {
    const fd = openSync(path, 'r')
    try {
      const head = Buffer.alloc(4)
      readSync(fd, head)
      return head.equals(Buffer.from('QFI\xfb', 'latin1')) ? 'qcow2' : 'raw'
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    const why = (error as Error).message
    throw new QemuError('DISK_BAD', `--disk ${path}: ${why}; a raw or qcow2 image is needed`, error)
  }
}

function paths(folder: string) {
  const at = (name: string) => join(folder, name)
  writeFileSync(at('serial.log'), '')
  return { vars: at('vars.fd'), tpm: at('tpm'), log: at('serial.log') }
}

function forget(folder: string): void {
  for (const name of ['image.json', 'disk.qcow2', 'disk.qcow2.part', 'vars.fd', 'tpm'])
    rmSync(join(folder, name), { recursive: true, force: true })
}

/** One machine per folder: the lock names the process, and counts only while that one lives. */
function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'lock')
  for (;;) {
    try {
      writeFileSync(file, `${process.pid} ${birth(process.pid)}\n`, { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const [pid = '', born] = readFileSync(file, 'utf8').trim().split(' ')
      if (born !== undefined && birth(Number(pid)) === born)
        throw new QemuError(
          'STATE_IN_USE',
          `a machine already runs in ${folder} (process ${pid}); stop it first`,
        )
      rmSync(file, { force: true })
    }
  }
}

/** When a process started, in the kernel's ticks; empty when there is none: ids are used again. */
function birth(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
