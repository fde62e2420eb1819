/** Runs a shell that shares our terminal, and waits for it; Ctrl-C is for what runs in it, not for us. */
import { constants } from 'node:os'
import { SpawnError, start } from '../spawn.ts'

/**
 * @param command  A line for /bin/sh; undefined starts the user's own shell.
 * @param options  `json` keeps standard output for us: what the shell prints goes to standard error.
 * @returns the status as shells report it: 128 + number of the signal that ended it.
 */
export async function runShell(
  command: string | undefined,
  env: Readonly<Record<string, string>>,
  { json, signal }: { json: boolean; signal: AbortSignal },
): Promise<number> {
  const program = command === undefined ? (process.env['SHELL'] ?? '/bin/sh') : '/bin/sh'
  const child = start(program, command === undefined ? [] : ['-c', command], {
    cwd: env['work']!,
    env,
    stdio: ['inherit', json ? 2 : 'inherit', 'inherit'],
    foreground: true,
  })
  const before = process.listeners('SIGINT')
  process.removeAllListeners('SIGINT').on('SIGINT', () => {})
  // What ends us ends the shell; an interactive one takes no SIGTERM.
  const end = () => void child.kill('SIGHUP')
  signal.addEventListener('abort', end, { once: true })
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', error =>
        reject(
          new SpawnError(
            'SPAWN_NOT_FOUND',
            `$SHELL is ${program}, which does not start: ${error.message}`,
          ),
        ),
      )
      child.once('close', (code, name) => resolve(code ?? 128 + constants.signals[name!]))
    })
  } finally {
    signal.removeEventListener('abort', end)
    process.removeAllListeners('SIGINT')
    for (const listener of before) process.on('SIGINT', listener)
  }
}
