/** From power-on to the page, first boot and later ones; and what memory the system then takes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { CACHE } from '../../image/paths.ts'
import { kvmVerdict } from '../../image/qemu/kvm.ts'
import { bootable } from '../boot/built.ts'
import { Guest } from '../boot/guest.ts'

/** How long the system is left alone before its memory is read, in seconds. */
const IDLE = 60

/** Most that may pass between power-on and page, in seconds. */
const TARGETS = { tcg: 60, kvm: 10 }

export const bench: Bench = {
  about: 'power-on to the page, and memory of the idle system',
  async run({ figure, say, signal }) {
    say('building the image')
    const built = await bootable()
    const verdict = await kvmVerdict(built.tools, built.board, CACHE)
    const accels = verdict.works ? (['kvm', 'tcg'] as const) : (['tcg'] as const)
    if (!verdict.works) say(`KVM is not measurable here: ${verdict.reason}`)
    for (const accel of accels) {
      const guest = await Guest.make(built, { accel })
      try {
        const boot = async (name: string) => {
          const begun = performance.now()
          await guest.start()
          await guest.up()
          const value = (performance.now() - begun) / 1000
          const what = `${accel === 'kvm' ? 'KVM' : 'emulated'}: power-on to page, ${name}`
          figure({ name: what, value, unit: 's', target: TARGETS[accel] })
        }
        await boot('first boot')
        if (accel === accels[0]) {
          say(`leaving it alone for ${IDLE} s`)
          await sleep(IDLE * 1000, undefined, { signal })
          const { used, daemon } = await memory(guest)
          figure({ name: 'idle: memory used', value: used, unit: 'MB', target: 200 })
          figure({ name: 'idle: memory of the daemon', value: daemon, unit: 'MB', target: 90 })
        }
        await guest.shutdown()
        await boot('second boot')
      } finally {
        await guest.remove()
      }
    }
  },
}

/** In MB of a million bytes: all that is not available, and what of the daemon is in memory. */
async function memory(guest: Guest): Promise<{ used: number; daemon: number }> {
  const kib = async (command: string) => {
    const found = /(\d+) kB/.exec(await guest.ok(command))
    if (!found) throw new Error(`${command} gave no size`)
    return (Number(found[1]) * 1024) / 1e6
  }
  const total = await kib('grep MemTotal: /proc/meminfo')
  const available = await kib('grep MemAvailable: /proc/meminfo')
  const daemon = await kib(
    'grep VmRSS: /proc/$(systemctl show -P MainPID blocktree.service)/status',
  )
  return { used: total - available, daemon }
}
