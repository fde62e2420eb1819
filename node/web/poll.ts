/** Asks the router again and again, and says what came back and when. */
import type { Status } from '../status/status.ts'

const EVERY_MS = 4_000
const TIMEOUT_MS = 8_000
/** After a failure: sooner, then ever later, at most this. */
const SLOWEST_MS = 15_000

export type Answer = { readonly status: Status; readonly at: number } | { readonly failed: number }

/**
 * Calls `told` with each answer, or with the number of failures in a row. Rests while nobody looks
 * at the page, and asks at once when somebody looks again.
 */
export function poll(told: (answer: Answer) => void): void {
  let failed = 0
  let timer: number | undefined
  let asking = false

  const ask = async () => {
    if (asking || document.hidden) return
    asking = true
    clearTimeout(timer)
    try {
      const response = await fetch('/api/status', { signal: AbortSignal.timeout(TIMEOUT_MS) })
      if (!response.ok) throw new Error(`answered ${response.status}`)
      const status = (await response.json()) as Status
      failed = 0
      told({ status, at: performance.now() })
    } catch {
      failed++
      told({ failed })
    } finally {
      asking = false
      const wait = failed === 0 ? EVERY_MS : Math.min(1000 * 2 ** (failed - 1), SLOWEST_MS)
      timer = setTimeout(() => void ask(), wait)
    }
  }

  document.addEventListener('visibilitychange', () => void ask())
  addEventListener('online', () => void ask())
  void ask()
}
