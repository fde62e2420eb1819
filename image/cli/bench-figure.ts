/** What a bench is and what it reports: figures with a unit, a target or a peer to be held against. */

export type Figure = {
  readonly name: string
  readonly value: number
  /** `s`, `CPU-ms`, `MB`, `µs per recipe` … */
  readonly unit: string
  /** Most that is allowed, in the same unit. */
  readonly target?: number
  /** Same thing measured of somebody else in the same run, and the most allowed as a ratio of it. */
  readonly peer?: { readonly name: string; readonly value: number; readonly ratio: number }
}

/** `test/bench/NAME.bench.ts` exports one of these under the name `bench`. */
export type Bench = {
  readonly about: string
  run(report: {
    figure(figure: Figure): void
    /** Says what is going on, for steps that take long. */
    say(line: string): void
    readonly signal: AbortSignal
  }): Promise<void>
}

/** Whether the figure keeps its promises; undefined when it makes none. */
export function judge({ value, target, peer }: Figure): boolean | undefined {
  if (target === undefined && peer === undefined) return undefined
  return (
    (target === undefined || value <= target) &&
    (peer === undefined || value <= peer.value * peer.ratio)
  )
}

/** One line of the table: figure, value, target, ratio, verdict. */
export function row(figure: Figure): string {
  const { name, value, unit, target, peer } = figure
  const verdict = { true: 'ok', false: 'MISSED', undefined: '' }[`${judge(figure)}`]!
  const parts = [`  ${name.padEnd(44)} ${short(value).padStart(8)} ${unit}`]
  if (target !== undefined) parts.push(`target ≤ ${short(target)}`)
  if (peer !== undefined)
    parts.push(
      `${short(value / peer.value)}× ${peer.name} (${short(peer.value)}), target ≤ ${short(peer.ratio)}×`,
    )
  return [...parts, verdict].filter(part => part !== '').join('   ')
}

/** Three significant digits. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString()
}
