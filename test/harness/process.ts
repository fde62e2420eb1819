/** Processes of `blocktree`: run to their end with what they say, or left running and killed. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { SOURCE, type Program } from './programs.ts'

export type Started = {
  readonly child: ChildProcess
  /** What it has said so far. */
  out: string
  err: string
  /** The exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
}

export type StartOptions = {
  readonly program?: Program
  /** The node directory, by `$BLOCKTREE_DIR`. */
  readonly dir?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Leaves standard input, and output as bytes, to the test. */
  readonly pipes?: boolean
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts `blocktree` with `args`, in an environment without anything of this machine's nodes. */
export function start(args: readonly string[], options: StartOptions = {}): Started {
  const { program = SOURCE, dir, env, cwd, pipes = false } = options
  const child = spawn(program.file, [...program.args, ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      ...(dir !== undefined && { BLOCKTREE_DIR: dir }),
      ...env,
    },
    ...(cwd !== undefined && { cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  running.add(child)
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return code as number | null
  })
  const started = { child, out: '', err: '', ended }
  child.stdin.on('error', () => {})
  if (!pipes) child.stdout.setEncoding('utf8').on('data', text => (started.out += text))
  child.stderr.setEncoding('utf8').on('data', text => (started.err += text))
  return started
}

export type Done = { readonly code: number | null; readonly out: string; readonly err: string }

/** Runs a verb to its end, with `input` on its standard input. */
export async function run(
  args: readonly string[],
  options: StartOptions & { readonly input?: string | Uint8Array } = {},
): Promise<Done> {
  const started = start(args, options)
  started.child.stdin!.end(options.input ?? '')
  const code = await started.ended
  return { code, out: started.out, err: started.err }
}

/** As {@link run}; fails unless it ends with 0. Returns what it said on standard output. */
export async function done(
  args: readonly string[],
  options: Parameters<typeof run>[1] = {},
): Promise<string> {
  const { code, out, err } = await run(args, options)
  if (code === 0) return out
  throw new Error(`blocktree ${args.join(' ')} ended with ${code}: ${err}`)
}

/** Waits until a process says something that matches on standard error; fails when it ends before. */
export async function says(started: Started, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const match = pattern.exec(started.err)
    if (match) return match
    const more = once(started.child.stderr!, 'data').then(() => true)
    if (!(await Promise.race([more, started.ended.then(() => false)])))
      throw new Error(`ended without ${pattern}: ${started.err}`)
  }
}
