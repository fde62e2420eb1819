/**
 * The one place of the builder that starts processes. Children get no shell, a given environment
 * and an own process group, so that a Ctrl-C or a time-out ends them with all their children. The
 * process that runs steps is itself such a child; what it starts stays in its group.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'

export class SpawnError extends Error {
  readonly code: 'SPAWN_NOT_FOUND' | 'SPAWN_FAILED' | 'SPAWN_ABORTED'
  readonly status: number | null
  constructor(code: SpawnError['code'], message: string, status: number | null = null) {
    super(message)
    this.name = 'SpawnError'
    this.code = code
    this.status = status
  }
}

export type SpawnOptions = {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly stdio?: StdioOptions
  readonly signal?: AbortSignal
  /** Bytes written to standard input, which is then closed. */
  readonly input?: string | Uint8Array
  /** Keeps the child in this process's group, so that a terminal's keys reach it. */
  readonly foreground?: boolean
}

let grouped = false

/** From now on children stay in the group of this process and end with it. */
export function shareGroup(): void {
  grouped = true
}

/** Starts `program`; the caller owns the child. Ending it: {@link endGroup}. */
export function start(program: string, args: readonly string[], options: SpawnOptions = {}) {
  return spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: options.stdio ?? ['ignore', 'pipe', 'pipe'],
    detached: !grouped && options.foreground !== true,
  })
}

/** Sends a signal to a child and everything it started; true when there was something to signal. */
export function endGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): boolean {
  if (child.pid === undefined) return false
  return grouped ? child.kill(signal) : endGroupOf(child.pid, signal)
}

/** Sends a signal to a process group by the number of its first process. */
export function endGroupOf(pid: number, signal: NodeJS.Signals = 'SIGKILL'): boolean {
  try {
    // -1 would mean every process there is.
    return pid > 1 && process.kill(-pid, signal)
  } catch {
    return false
  }
}

/**
 * Runs a program to its end and gives what it printed.
 *
 * @throws {SpawnError} `SPAWN_NOT_FOUND` no such program; `SPAWN_FAILED` exit code other than 0, with
 *   the last 2,000 characters of what it printed; `SPAWN_ABORTED` the signal fired.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: Omit<SpawnOptions, 'stdio'> = {},
): Promise<{ stdout: Buffer; stderr: string }> {
  const child = start(program, args, {
    ...options,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  const stop = () => endGroup(child)
  options.signal?.addEventListener('abort', stop, { once: true })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout!.on('data', chunk => stdout.push(chunk))
  child.stderr!.on('data', chunk => stderr.push(chunk))
  if (options.input !== undefined) child.stdin!.on('error', () => {}).end(options.input)
  try {
    const [status, ended] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve([code, signal]))
    })
    if (options.signal?.aborted) throw new SpawnError('SPAWN_ABORTED', `${program} was stopped`)
    if (status !== 0) {
      const said = (Buffer.concat(stderr).toString() || Buffer.concat(stdout).toString()).trim()
      throw new SpawnError(
        'SPAWN_FAILED',
        `${program} ended with ${status ?? ended}: ${said.slice(-2000) || 'it said nothing'}`,
        status,
      )
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new SpawnError('SPAWN_NOT_FOUND', `${program} is not installed or not on the PATH`)
    throw error
  } finally {
    options.signal?.removeEventListener('abort', stop)
  }
  return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }
}
