/**
 * One running machine: QEMU with its TPM, its control connection and its consoles. It ends with this
 * process whatever happens to it, and nothing of it remains: no process, no socket file.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import { endGroup } from '../spawn.ts'
import { startTied } from './child.ts'
import { QemuError } from './error.ts'
import { firmware, ownVars } from './firmware.ts'
import { machineArguments, qemuProgram, type Machine } from './machine.ts'
import { forwardPage } from './network.ts'
import { Qmp, type QmpEvent } from './qmp.ts'
import { startTpm } from './swtpm.ts'

export type VmOptions = Omit<Machine, 'firmware' | 'tpm'> & {
  /** File to which everything is added that the serial port says. */
  readonly log: string
  /** Folder of the TPM's state; no TPM without it. */
  readonly tpmState?: string
  /** Loopback ports for the page, the first free one is taken; default: the system chooses. */
  readonly ports?: readonly number[]
  readonly onEvent?: (event: QmpEvent) => void
  /** More arguments for QEMU, after all others. */
  readonly extra?: readonly string[]
}

/** How a machine ended: it switched itself off, it was told to, it was killed, or QEMU failed. */
export type VmEnd = {
  readonly how: 'guest' | 'host' | 'killed' | 'failed'
  /** QEMU's own reason or its last words. */
  readonly reason: string
}

export type Vm = {
  readonly qmp: Qmp
  /** The serial port, where firmware and kernel speak; it must be read, or the guest stalls. */
  readonly serial: Duplex
  /** The second console, a root shell in dev images (hvc0); it must be read too. */
  readonly console: Duplex
  /** Loopback port that leads to the page. */
  readonly port: number
  /** Process id of QEMU. */
  readonly pid: number
  /** Resets so far, by the guest, its watchdog or its firmware. */
  resets(): number
  /** Resolves once QEMU and the TPM are gone; never rejects. */
  readonly ended: Promise<VmEnd>
  /**
   * Presses the power button and waits for the guest to switch itself off, at most `boundMs`; then
   * pulls the plug. True when the guest did it itself.
   */
  shutdown(boundMs: number): Promise<boolean>
  /** Power cut: SIGKILL, at once. Resolves when everything is gone. */
  kill(): Promise<VmEnd>
}

/**
 * Starts a machine; it runs when this resolves.
 *
 * @throws {QemuError} `VM_START` QEMU did not start, with its words; `PORT_TAKEN`.
 */
export async function startVm(options: VmOptions): Promise<Vm> {
  const { tools, board, secureBoot } = options
  const files = firmware(tools, board.arch, secureBoot)
  ownVars(options.vars, files.blankVars)
  const tpm = options.tpmState === undefined ? undefined : startTpm(tools, options.tpmState)
  const args = machineArguments({ ...options, firmware: files, tpm: tpm !== undefined })
  const qemu = startTied(
    join(tools.bin, qemuProgram(board)),
    [...args, ...(options.extra ?? [])],
    ['pipe', 'pipe', 'pipe', ...(tpm ? [tpm.control] : [])],
  )
  // QEMU has its own copy of the channel by now; ours would keep the TPM alive after it.
  tpm?.control.destroy()
  const [, , , control, serial, console] = qemu.child.stdio as unknown as Duplex[]
  for (const stream of [control!, serial!, console!]) stream.on('error', () => {})

  let resets = 0
  let shutdown: VmEnd | undefined
  let killed = false
  const onEvent = (event: QmpEvent) => {
    if (event.event === 'RESET') resets++
    if (event.event === 'SHUTDOWN') {
      const how = event.data['guest'] === true ? 'guest' : 'host'
      shutdown = { how, reason: `${event.data['reason']}` }
    }
    options.onEvent?.(event)
  }
  const ended = (async (): Promise<VmEnd> => {
    const { status } = await qemu.ended
    // With `--terminate` it goes by itself, but not when QEMU never got to speak to it.
    if (tpm) endGroup(tpm.child, 'SIGTERM')
    if (tpm && !(await within(5000, tpm.ended))) endGroup(tpm.child, 'SIGKILL')
    await tpm?.ended
    const words = `${qemu.said()}${tpm?.said() ?? ''}`.trim()
    if (killed) return { how: 'killed', reason: 'SIGKILL' }
    if (status === 0 && shutdown) return shutdown
    return { how: 'failed', reason: words || `QEMU ended with ${status}` }
  })()
  const kill = () => {
    killed = true
    endGroup(qemu.child, 'SIGKILL')
    if (tpm) endGroup(tpm.child, 'SIGKILL')
    return ended
  }

  try {
    const qmp = await Qmp.open(control!, onEvent)
    const port = await forwardPage(qmp, board.network.lan, options.ports ?? [0])
    logTo(options.log, serial!)
    return {
      ...{ qmp, serial: serial!, console: console!, port, pid: qemu.child.pid!, ended, kill },
      resets: () => resets,
      shutdown: async boundMs => {
        await qmp.command('system_powerdown').catch(() => {})
        if (await within(boundMs, ended)) return (await ended).how === 'guest'
        await Promise.race([qmp.command('quit').catch(() => {}), ended])
        if (!(await within(5000, ended))) await kill()
        return false
      },
    }
  } catch (error) {
    if (error instanceof QemuError && error.code === 'PORT_TAKEN') {
      await kill()
      throw error
    }
    const alive = !(await within(2000, ended))
    const { reason } = alive ? await kill() : await ended
    throw new QemuError('VM_START', `QEMU did not start: ${reason}`, error)
  }
}

/** Not by QEMU's own `logfile`: it has a character twice where the socket was full (seen in 10.0). */
function logTo(file: string, serial: Duplex): void {
  const log = openSync(file, 'a')
  serial.on('data', (chunk: Buffer) => writeSync(log, chunk)).once('close', () => closeSync(log))
}

/** True when `promise` resolves within `ms`; leaves no timer behind. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>(resolve => (timer = setTimeout(resolve, ms, false)))
  try {
    return await Promise.race([promise.then(() => true as const), late])
  } finally {
    clearTimeout(timer)
  }
}
