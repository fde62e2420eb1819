/**
 * Tells a slow machine from a dead one: an emulated guest on a busy host may need minutes for
 * anything, but then it reads its disk or says something now and then.
 */
import type { Vm } from '../../image/qemu/vm.ts'

/** Without any sign of life for so long, a machine counts as stuck. */
const STILL_MS = 240_000
/** Nothing may take longer than this, alive or not. */
const LONGEST_MS = 780_000
const LOOK_MS = 2000

/** An emulated processor missed a timer interrupt and sleeps for ever: QEMU's fault, not ours. */
export class StallError extends Error {}

/** Reports of stalls after which there is no hope: the kernel makes one every 21 s. */
const STALLS = 3

/**
 * `still` rejects once nothing moves any more, with a {@link StallError} when a processor does not;
 * `heard` counts bytes from the consoles, `stalls` the kernel's reports of stalls.
 */
export function watchLife(
  vm: Vm,
  heard: () => number,
  stalls: () => number,
): { still: Promise<never>; stop(): void } {
  let timer: NodeJS.Timeout | undefined
  const begun = performance.now()
  let moved = begun
  let before = -1
  const still = new Promise<never>((_, reject) => {
    const look = async () => {
      const { read, written } = await diskBytes(vm)
      const now = heard() + read + written + vm.resets()
      if (timer === undefined) return
      if (now !== before) moved = performance.now()
      before = now
      const [quiet, all] = [performance.now() - moved, performance.now() - begun]
      if (stalls() >= STALLS) reject(new StallError('a processor of the guest stands still'))
      else if (quiet > STILL_MS)
        reject(new Error(`no sign of life for ${Math.round(quiet / 1000)} s`))
      else if (all > LONGEST_MS) reject(new Error(`not done after ${Math.round(all / 1000)} s`))
      else timer = setTimeout(look, LOOK_MS)
    }
    timer = setTimeout(look, LOOK_MS)
  })
  // Nobody may be waiting any more when it rejects.
  still.catch(() => {})
  return {
    still,
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}

/** Bytes that the guest read from and wrote to its disk so far; 0 when QEMU does not answer. */
export async function diskBytes(vm: Vm): Promise<{ read: number; written: number }> {
  const answer = await vm.qmp.command('query-blockstats').catch(() => [])
  const disks = answer as { device?: string; stats?: { rd_bytes: number; wr_bytes: number } }[]
  const stats = disks.find(({ device }) => device === 'disk')?.stats
  return { read: stats?.rd_bytes ?? 0, written: stats?.wr_bytes ?? 0 }
}
