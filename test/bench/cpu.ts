/** Measures whole processes: CPU time (user and system, children included) and wall time. */
import { spawn } from 'node:child_process'

/** Runs a shell's `time` over the command; gives `{ cpuMs, wallMs }`. @throws when it fails. */
export async function timed(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ cpuMs: number; wallMs: number }> {
  const script = 'TIMEFORMAT="%U %S %R"; time "$@" >/dev/null 2>&1'
  const child = spawn('bash', ['-c', script, 'bash', program, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', text => (said += text))
  const code = await new Promise(resolve => child.once('close', resolve))
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}, 0 expected`)
  const [user = NaN, system = NaN, real = NaN] = said.trim().split(' ').map(Number)
  return { cpuMs: (user + system) * 1000, wallMs: real * 1000 }
}

/** The least CPU time of several runs, in milliseconds: noise of other processes only adds. */
export async function cpuMs(
  program: string,
  args: readonly string[],
  runs: number,
): Promise<number> {
  let least = Infinity
  for (let i = 0; i < runs; i++) least = Math.min(least, (await timed(program, args)).cpuMs)
  return least
}
