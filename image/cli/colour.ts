/** Colours of the terminal, by meaning. Without colours every function gives its text back. */

export type Colours = {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
}

const CODES = { bold: 1, dim: 2, good: 32, bad: 31, warn: 33 } as const

/**
 * Whether to colour: only on a terminal, never when NO_COLOR is set and not empty (no-color.org),
 * always when FORCE_COLOR is set and not `0`; NO_COLOR wins.
 */
export function colourful(tty: boolean, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env['NO_COLOR']) return false
  const force = env['FORCE_COLOR']
  if (force !== undefined) return force !== '0'
  return tty && env['TERM'] !== 'dumb'
}

export function colours(on: boolean): Colours {
  const paint = (code: number) => (text: string) => (on ? `\x1b[${code}m${text}\x1b[0m` : text)
  return {
    bold: paint(CODES.bold),
    dim: paint(CODES.dim),
    good: paint(CODES.good),
    bad: paint(CODES.bad),
    warn: paint(CODES.warn),
  }
}
