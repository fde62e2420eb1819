/** Spans of time on the command line. */
import { LineError } from './parse.ts'

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

/**
 * `30d` in ms; undefined when nothing was given.
 *
 * @throws {LineError} `LINE_VALUE`.
 */
export function spanMs(option: string, given: string | true | undefined): number | undefined {
  if (given === undefined) return undefined
  const [, digits, unit] = /^([1-9]\d{0,5})([smhdwy])$/.exec(String(given)) ?? []
  if (digits !== undefined) return Number(digits) * UNITS[unit!]!
  throw new LineError(
    'LINE_VALUE',
    `--${option} is '${given}', a time such as 12h, 30d, 1y expected`,
  )
}
