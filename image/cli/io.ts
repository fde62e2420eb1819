/** How the CLI speaks to the process it runs in: lines, signals, a reader who has gone away. */
import type { Io } from './command.ts'

export type ProcessIo = Io & {
  /** The signal that ended the wait, if one did. */
  interrupted(): NodeJS.Signals | undefined
}

const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** 128 + number of the signal, as shells report it. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return EXIT_BY_SIGNAL[signal as keyof typeof EXIT_BY_SIGNAL] ?? 1
}

/**
 * The Io of this process. The first Ctrl-C (or SIGTERM, SIGHUP) aborts `signal`, the second ends the
 * process at once. A reader of standard output that closed it (`bt graph | head`) ends it quietly.
 */
export function processIo(): ProcessIo {
  const controller = new AbortController()
  let interrupted: NodeJS.Signals | undefined
  for (const name of Object.keys(EXIT_BY_SIGNAL) as NodeJS.Signals[])
    process.on(name, () => {
      if (interrupted !== undefined) process.exit(exitCodeOf(name))
      interrupted = name
      controller.abort(new DOMException(`stopped by ${name}`, 'AbortError'))
    })
  const quiet = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  }
  process.stdout.on('error', quiet)
  process.stderr.on('error', quiet)
  return {
    out: line => void process.stdout.write(`${line}\n`),
    err: line => void process.stderr.write(`${line}\n`),
    tty: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
    signal: controller.signal,
    interrupted: () => interrupted,
  }
}
