/**
 * A machine under test: an own copy of the image as its disk, an own TPM and firmware variables in a
 * temporary folder, so that a test may break, cut and restart it at will.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CACHE } from '../../image/paths.ts'
import { chooseAccel } from '../../image/qemu/kvm.ts'
import type { Accel } from '../../image/qemu/machine.ts'
import { getPage, waitForPage, type Answer } from '../../image/qemu/page.ts'
import { readSerial, type SerialText } from '../../image/qemu/serial-text.ts'
import { startVm, type Vm, type VmEnd } from '../../image/qemu/vm.ts'
import { run } from '../../image/spawn.ts'
import type { Bootable } from './built.ts'
import { diskBytes, StallError, watchLife } from './life.ts'
import { Shell, type Ran } from './shell.ts'

export type GuestOptions = {
  /** Default: KVM where it works. */
  readonly accel?: Accel
  readonly secureBoot?: boolean
  /** Prepares the disk (a raw file of the board's size) before the first start. */
  readonly prepare?: (disk: string) => void
}

export class Guest {
  /** The raw disk. Change it only while the machine is off. */
  readonly disk: string
  readonly #built: Bootable
  readonly #folder: string
  readonly #accel: Accel
  readonly #secureBoot: boolean
  #vm: Vm | undefined
  #serial: SerialText | undefined
  #shell: Shell | undefined

  private constructor(built: Bootable, folder: string, accel: Accel, secureBoot: boolean) {
    this.#built = built
    this.#folder = folder
    this.#accel = accel
    this.#secureBoot = secureBoot
    this.disk = join(folder, 'disk.raw')
  }

  /** Makes a machine that is switched off, with a fresh copy of the image. */
  static async make(built: Bootable, options: GuestOptions = {}): Promise<Guest> {
    const { tools, board } = built
    const folder = mkdtempSync(join(tmpdir(), 'bt-guest-'))
    const { accel } = await chooseAccel(tools, board, options.accel, CACHE)
    const guest = new Guest(built, folder, accel, options.secureBoot === true)
    await run(join(tools.bin, 'qemu-img'), ['convert', '-O', 'raw', built.image, guest.disk])
    truncateSync(guest.disk, board.qemu.diskMiB * 2 ** 20)
    options.prepare?.(guest.disk)
    return guest
  }

  /** Switches the machine on; returns once QEMU runs. */
  async start(): Promise<void> {
    assert.equal(this.#vm, undefined, 'the machine is on already')
    const { tools, board } = this.#built
    const at = (name: string) => join(this.#folder, name)
    this.#vm = await startVm({
      ...{ tools, board, accel: this.#accel, secureBoot: this.#secureBoot },
      ...{ disk: { file: this.disk, format: 'raw' }, vars: at('vars.fd'), tpmState: at('tpm') },
      log: at('serial.log'),
      onEvent: ({ event }) => {
        if (event === 'RESET') this.#shell?.lost()
      },
    })
    this.#serial = readSerial(this.#vm.serial)
    this.#shell = new Shell(this.#vm.console)
  }

  /** Resets since the machine was switched on. */
  get resets(): number {
    return this.#on().resets()
  }

  /** The last lines of the serial port. */
  lines(count = 40): string[] {
    return this.#serial?.last(count) ?? []
  }

  /** Waits for something of this machine; fails when the machine ends or shows no sign of life. */
  async until<T>(what: string, promise: Promise<T>): Promise<T> {
    const vm = this.#on()
    const said = () => `\nlast lines of the serial port:\n${this.lines().join('\n')}`
    const ended = vm.ended.then(end => {
      throw new Error(`${what}: the machine ended (${end.how}: ${end.reason})${said()}`)
    })
    const heard = () => this.#serial!.bytes() + this.#shell!.bytes()
    const life = watchLife(vm, heard, () => this.#serial!.stalls())
    try {
      return await Promise.race([promise, ended, life.still])
    } catch (error) {
      throw error instanceof Error && error.message.startsWith(what)
        ? error
        : new Error(`${what}: ${(error as Error).message}${said()}`, { cause: error })
    } finally {
      life.stop()
    }
  }

  /** Runs a command as root; needs a development image. */
  sh(command: string): Promise<Ran> {
    return this.until(`sh ${command.slice(0, 60)}`, this.#shell!.run(command))
  }

  /** Like {@link sh}, gives the output and fails unless the status is 0. */
  async ok(command: string): Promise<string> {
    const { status, output } = await this.sh(command)
    assert.equal(status, 0, `${command} ended with ${status}: ${output}`)
    return output
  }

  /**
   * Waits until the page answers. A machine whose emulated processor stalls is switched off and on
   * once: on a busy host, QEMU now and then loses a timer interrupt (see docs/run.md).
   */
  async up(): Promise<void> {
    try {
      await this.#pageAnswers()
    } catch (error) {
      if (!((error as Error).cause instanceof StallError) || this.#accel !== 'tcg') throw error
      process.stderr.write('an emulated processor stalled: the machine is switched off and on\n')
      await this.powerCut()
      await this.start()
      await this.#pageAnswers()
    }
  }

  async #pageAnswers(): Promise<void> {
    const stop = new AbortController()
    try {
      await this.until('the page', waitForPage(this.#on().port, stop.signal))
    } finally {
      stop.abort()
    }
  }

  /** Waits for a panic and gives its line. */
  panic(): Promise<string> {
    return this.until('a panic', this.#serial!.panicked)
  }

  /** Asks for a page, from the LAN unless `port` leads elsewhere. */
  page(path: string, port = this.#on().port): Promise<Answer> {
    return this.until(`GET ${path}`, getPage(port, path, 15_000))
  }

  /** A loopback port that leads to port 80 of the machine's WAN side. */
  async forwardWan(): Promise<number> {
    const { qmp } = this.#on()
    const hmp = (line: string) =>
      qmp.command('human-monitor-command', { 'command-line': line }) as Promise<string>
    assert.equal((await hmp('hostfwd_add wan tcp:127.0.0.1:0-:80')).trim(), '')
    const rules = (await hmp('info usernet')).split(/(?=^Hub|^VLAN)/m)
    const rule = /HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+10\.0\.2\.15\s+80/.exec(
      rules.join(''),
    )
    assert.ok(rule, `no such rule: ${rules.join('')}`)
    return Number(rule[1])
  }

  /** Waits until the machine has written `bytes` to its disk; gives how many it were by then. */
  wrote(bytes: number): Promise<number> {
    const vm = this.#on()
    const look = async (): Promise<number> => {
      const written = (await diskBytes(vm)).written
      if (written >= bytes) return written
      await new Promise(resolve => setTimeout(resolve, 20))
      return look()
    }
    return this.until(`${bytes} bytes written`, look())
  }

  /** Pulls the plug. */
  async powerCut(): Promise<void> {
    await this.#on().kill()
    this.#vm = undefined
  }

  /** Presses the power button and waits, by QEMU's own events, until the machine is off. */
  async shutdown(): Promise<VmEnd> {
    const vm = this.#on()
    const life = watchLife(
      vm,
      () => this.#serial!.bytes(),
      () => this.#serial!.stalls(),
    )
    try {
      await vm.qmp.command('system_powerdown')
      const end = await Promise.race([vm.ended, life.still])
      this.#vm = undefined
      return end
    } finally {
      life.stop()
    }
  }

  /** Ends the machine, however it is, and removes what is left of it. */
  async remove(): Promise<void> {
    await this.#vm?.kill()
    this.#vm = undefined
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #on(): Vm {
    assert.ok(this.#vm, 'the machine is off')
    return this.#vm
  }
}
