/** Boots a machine for `bt run`, tells what happens to it and switches it off at the end. */
import type { Board } from '../../board/board.ts'
import { attachTerminal, LEAVE_HINT } from '../qemu/attach.ts'
import { chooseAccel, noteKvmFailure } from '../qemu/kvm.ts'
import type { Accel } from '../qemu/machine.ts'
import { readSerial, type SerialText } from '../qemu/serial-text.ts'
import type { State } from '../qemu/state.ts'
import { startVm, type Vm } from '../qemu/vm.ts'
import { whenDown, whenUp, type Outcome } from '../qemu/watch.ts'
import type { Toolset } from '../toolset.ts'
import type { ExitCode, Io, Values } from './command.ts'

export type RunCall = {
  readonly tools: Toolset
  readonly built: { readonly board: Board; readonly version: string; readonly image: string }
  readonly state: State
  readonly values: Values
  readonly json: boolean
  readonly io: Io
  /** Folder that keeps whether KVM works. */
  readonly cache: string
}

/** How long a guest may take to switch itself off, in milliseconds; emulated ones on busy hosts. */
const SHUTDOWN_MS = 180_000

/** How often it is said that there is no page yet, in milliseconds. */
const WAITING_MS = 120_000

/** Lines of the console shown when a machine fails. */
const SHOWN = 25

/** Ports tried for the page before any. */
const PORTS = [8080, 8081, 8082, 0]

export async function runMachine(call: RunCall): Promise<ExitCode> {
  const { tools, built, values, cache, state } = call
  const say = speaker(call)
  if (state.fresh === 'the image has changed')
    say({ event: 'fresh', why: state.fresh }, 'the image has changed: the machine begins anew')
  const wanted = values['kvm'] ? 'kvm' : values['tcg'] ? 'tcg' : undefined
  const { accel, verdict } = await chooseAccel(tools, built.board, wanted, cache)
  if (verdict !== undefined && !verdict.works)
    say({ event: 'emulating', why: verdict.reason }, `emulating: no KVM here, ${verdict.reason}`)
  const code = await boot(call, accel, say)
  if (code !== 'accel') return code
  noteKvmFailure(tools, built.board, cache, 'a guest stopped with an internal error')
  if (wanted === 'kvm') {
    say({ event: 'failed', why: 'kvm' }, 'KVM gave up on the guest; leave --kvm out to emulate')
    return 1
  }
  say({ event: 'emulating', why: 'KVM failed' }, 'KVM gave up on the guest: emulating instead')
  const again = await boot(call, 'tcg', say)
  return again === 'accel' ? 1 : again
}

type Say = (event: Record<string, unknown>, text: string) => void

async function boot(call: RunCall, accel: Accel, say: Say): Promise<ExitCode | 'accel'> {
  const { tools, built, state, values, json, io } = call
  const port = values['port'] as number | undefined
  const begun = performance.now()
  say(
    { event: 'boot', board: built.board.name, version: built.version, accel, log: state.log },
    `booting ${built.board.name} ${built.version} (${accel === 'kvm' ? 'KVM' : 'emulated'}); ` +
      `console log: ${state.log}`,
  )
  const vm = await startVm({
    ...{ tools, board: built.board, accel, disk: state.disk, vars: state.vars, log: state.log },
    ...{ tpmState: state.tpm, secureBoot: values['secure-boot'] === true },
    ports: port === undefined ? PORTS : [port],
    onEvent: ({ event }) => {
      if (event === 'RESET') say({ event: 'reset' }, 'the machine resets')
    },
  })
  vm.console.resume()
  const serial = readSerial(vm.serial)
  const leave = new AbortController()
  const signal = AbortSignal.any([io.signal, leave.signal])
  let detach: (() => void) | undefined
  if (values['console'] && !json) {
    io.err(LEAVE_HINT)
    detach = attachTerminal(vm.serial, () => (leave.signal.aborted ? vm.kill() : leave.abort()))
  }
  const waiting = setInterval(() => {
    const seconds = Math.round((performance.now() - begun) / 1000)
    const stalled = accel === 'tcg' && serial.stalls() > 2
    const hint = stalled ? '; the emulated processor stalls: stop it and run again' : ''
    say({ event: 'waiting', seconds, stalled }, `no page yet after ${seconds} s${hint}`)
  }, WAITING_MS)
  try {
    let outcome = await whenUp(vm, serial, signal)
    clearInterval(waiting)
    if (outcome.kind === 'page') {
      const url = `http://127.0.0.1:${vm.port}/`
      const seconds = Math.round((performance.now() - begun) / 100) / 10
      say({ event: 'ready', url, seconds }, `the page answers after ${seconds} s`)
      if (!json) {
        io.out(url)
        if (!detach) io.err('Ctrl-C switches the machine off, a second Ctrl-C pulls the plug')
      }
      outcome = await whenDown(vm, serial, signal)
    }
    return await finish(outcome, vm, serial, say)
  } finally {
    clearInterval(waiting)
    detach?.()
    await vm.kill()
  }
}

async function finish(
  outcome: Outcome,
  vm: Vm,
  serial: SerialText,
  say: Say,
): Promise<ExitCode | 'accel'> {
  const failed = (why: string): ExitCode => {
    const lines = serial.last(SHOWN)
    say({ event: 'failed', why, console: lines }, [why, ...lines.map(l => `  ${l}`)].join('\n'))
    return 1
  }
  switch (outcome.kind) {
    case 'accel':
      return 'accel'
    case 'panic':
      return failed(`the guest's kernel panicked: ${outcome.line}; its last lines:`)
    case 'loop':
      return failed(`the machine reset ${outcome.resets} times and no page came; its last lines:`)
    case 'ended':
      if (outcome.end.how === 'guest') {
        say({ event: 'off', clean: true }, 'the machine switched itself off')
        return 0
      }
      return failed(`QEMU ended: ${outcome.end.reason}; the last lines of the console:`)
    default: {
      say({ event: 'stopping' }, 'switching the machine off…')
      const clean = await vm.shutdown(SHUTDOWN_MS)
      const text = clean ? 'off' : `the guest did not switch itself off: the plug was pulled`
      say({ event: 'off', clean }, text)
      return 0
    }
  }
}

function speaker({ json, io }: RunCall): Say {
  return (event, text) => (json ? io.out(JSON.stringify(event)) : io.err(text))
}
