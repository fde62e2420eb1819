/** Follows a machine while it boots and while it runs, and says what came of it. */
import { waitForPage } from './page.ts'
import type { SerialText } from './serial-text.ts'
import type { Vm, VmEnd } from './vm.ts'

/** Resets without a page before we call it a loop: three tries of one slot, keys, the other slot. */
const MAX_RESETS = 6

export type Outcome =
  | { readonly kind: 'page' }
  | { readonly kind: 'asked' }
  | { readonly kind: 'ended'; readonly end: VmEnd }
  /** The kernel panicked; `line` is its own. */
  | { readonly kind: 'panic'; readonly line: string }
  | { readonly kind: 'loop'; readonly resets: number }
  /** The accelerator gave up: the processor stopped with an internal error. */
  | { readonly kind: 'accel' }

/** Waits for the page, or for what comes instead of it; `signal` gives `asked`. */
export async function whenUp(vm: Vm, serial: SerialText, signal: AbortSignal): Promise<Outcome> {
  const settled = new AbortController()
  const either = AbortSignal.any([signal, settled.signal])
  const loop = new Promise<Outcome>(resolve => {
    const off = vm.qmp.onEvent(({ event }) => {
      if (event !== 'RESET' || vm.resets() < MAX_RESETS) return
      off()
      resolve({ kind: 'loop', resets: vm.resets() })
    })
  })
  const page = waitForPage(vm.port, either).then((up): Outcome => ({ kind: up ? 'page' : 'asked' }))
  try {
    return await Promise.race([page, loop, whenDown(vm, serial, either)])
  } finally {
    settled.abort()
  }
}

/** Waits until the machine ends, panics or `signal` is aborted. */
export function whenDown(vm: Vm, serial: SerialText, signal: AbortSignal): Promise<Outcome> {
  return Promise.race([
    vm.ended.then((end): Outcome => ({ kind: 'ended', end })),
    serial.panicked.then((line): Outcome => ({ kind: 'panic', line })),
    stopped(vm),
    new Promise<Outcome>(resolve => {
      const asked = () => resolve({ kind: 'asked' })
      if (signal.aborted) asked()
      else signal.addEventListener('abort', asked, { once: true })
    }),
  ])
}

function stopped(vm: Vm): Promise<Outcome> {
  return new Promise(resolve => {
    const off = vm.qmp.onEvent(async ({ event }) => {
      if (event !== 'STOP') return
      const answer = await vm.qmp.command('query-status').catch(() => undefined)
      if ((answer as { status?: string } | undefined)?.status !== 'internal-error') return
      off()
      resolve({ kind: 'accel' })
    })
  })
}
