/** How far long work is: one line on standard error that is drawn over, only on a terminal. */
import type { Io } from './command.ts'

const PAUSE_MS = 100

export class Progress {
  readonly #io: Io
  #what: string
  readonly #unit: 'bytes' | 'blocks'
  #drawn = -Infinity
  #begun = performance.now()
  #done = 0

  constructor(io: Io, what: string, unit: 'bytes' | 'blocks' = 'bytes') {
    this.#io = io
    this.#what = what
    this.#unit = unit
  }

  /** More was done. */
  add(amount: number, total?: number): void {
    this.at(this.#done + amount, total === undefined ? {} : { total })
  }

  /** So much is done in all, or of the step that is called `what`. */
  at(done: number, { total, what = this.#what }: { total?: number; what?: string } = {}): void {
    if (what !== this.#what) this.#begun = performance.now()
    this.#what = what
    this.#done = done
    const now = performance.now()
    if (!this.#io.tty || now - this.#drawn < PAUSE_MS) return
    this.#drawn = now
    process.stderr.write(`\r\x1b[K${this.#line(now, total)}`)
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#drawn > 0) process.stderr.write('\r\x1b[K')
    this.#drawn = -Infinity
  }

  #line(now: number, total: number | undefined): string {
    const seconds = (now - this.#begun) / 1000
    const show = (amount: number) =>
      this.#unit === 'bytes' ? size(amount) : `${Math.floor(amount)} blocks`
    const of = total === undefined ? '' : ` of ${show(total)}`
    const rate = seconds > 0.5 ? `, ${show(this.#done / seconds)}/s` : ''
    return `${this.#what}  ${show(this.#done)}${of}${rate}`
  }
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** `1.2 MB`; powers of 1000. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}
