/** What a daemon says while it runs, on standard error: words, or one JSON object a line. */
import type { Io } from './command.ts'

/**
 * @param event   what happened, a word for programs.
 * @param says    the same for people.
 * @param fields  more, for programs only.
 */
export type Log = (event: string, says: string, fields?: Readonly<Record<string, unknown>>) => void

export function logTo(io: Pick<Io, 'err'>, structured: boolean): Log {
  return (event, says, fields) => {
    if (!structured) return io.err(says)
    io.err(JSON.stringify({ time: new Date().toISOString(), event, says, ...fields }))
  }
}
