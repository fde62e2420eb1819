/**
 * Measures whole processes: CPU time (user and system, of everything that was started, also of what
 * lives on when its parent has ended) and wall time.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endGroup, start } from '../../image/spawn.ts'

export type Spent = { readonly cpuMs: number; readonly wallMs: number }

export type TimedOptions = {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly signal?: AbortSignal
}

/**
 * Runs a program to its end and makes all its orphans its own (PR_SET_CHILD_SUBREAPER), as a process
 * counts only the children that it has waited for. Perl, as every Debian has it. Prints the status,
 * the microseconds until the program ended, and those of CPU until everything had.
 */
const WATCH = `
my ($prctl, $getrusage, $clock, $file) = splice @ARGV, 0, 4;
sub now { my $t = "\\0" x 16; syscall($clock+0, 1, $t); my ($s, $n) = unpack "q2", $t; $s * 1e6 + $n / 1e3 }
syscall($prctl+0, 36, 1, 0, 0, 0) == 0 or die "prctl: $!";
my ($begun, $status, $wall) = now;
my $pid = fork;
if (!$pid) { exec { $ARGV[0] } @ARGV or exit 127 }
while ((my $ended = wait) > 0) { ($status, $wall) = ($?, now() - $begun) if $ended == $pid }
my $bytes = "\\0" x 144;
syscall($getrusage+0, -1, $bytes);
my ($us, $uu, $ss, $su) = unpack "q4", $bytes;
open my $out, ">", $file or die;
printf $out "%d %.0f %.0f", $status, $wall, ($us + $ss) * 1e6 + $uu + $su;
close $out;
`

/** Numbers of the calls prctl, getrusage and clock_gettime. */
const CALLS = process.arch === 'arm64' ? ['167', '165', '113'] : ['157', '98', '228']

/** What a program and all it started have taken. @throws when it fails, with what it said last. */
export async function timed(
  program: string,
  args: readonly string[],
  { env = process.env, cwd, signal }: TimedOptions = {},
): Promise<Spent> {
  const folder = mkdtempSync(join(tmpdir(), 'bt-timed-'))
  const [result, log] = [join(folder, 'result'), join(folder, 'log')]
  const said = openSync(log, 'w')
  try {
    signal?.throwIfAborted()
    const child = start('perl', ['-e', WATCH, ...CALLS, result, program, ...args], {
      env,
      ...(cwd !== undefined && { cwd }),
      stdio: ['ignore', said, said],
    })
    const stop = () => endGroup(child)
    signal?.addEventListener('abort', stop, { once: true })
    await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
    signal?.removeEventListener('abort', stop)
    signal?.throwIfAborted()
    const [status, wall, cpu] = readFileSync(result, 'utf8').split(' ').map(Number)
    if (status !== 0) {
      const last = readFileSync(log, 'utf8').trim().slice(-2000)
      throw new Error(`${program} ${args.join(' ')} ended with ${status! >> 8}: ${last}`)
    }
    return { cpuMs: cpu! / 1000, wallMs: wall! / 1000 }
  } finally {
    closeSync(said)
    rmSync(folder, { recursive: true })
  }
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
