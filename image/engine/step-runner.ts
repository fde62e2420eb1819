/**
 * The process that runs steps, one action after the other: requests come and results go through the
 * channel to the builder (see ./runners.ts). Steps stop at the first that fails; then what lies in
 * `$out` is compared with what the recipe ships, the checks run, and the tree is listed.
 */
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { finished } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { npath } from '@yarnpkg/fslib'
import { execute, type ShellBuiltin } from '@yarnpkg/shell'
import picomatch from 'picomatch'
import { shareGroup } from '../spawn.ts'
import type { Verb } from '../verbs/verb.ts'
import { scan, type Entry } from './tree.ts'

export type StepRequest = {
  readonly steps: readonly string[]
  readonly check: readonly string[]
  readonly ships: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Folder of the verbs and the names of those that may be called. */
  readonly verbFolder: string
  readonly verbs: readonly string[]
}

export type StepResult =
  | { readonly ok: true; readonly entries: Entry[] }
  | { readonly ok: false; readonly step: string; readonly message: string }

async function runSteps(request: StepRequest): Promise<StepResult> {
  const builtins: Record<string, ShellBuiltin> = {}
  for (const name of request.verbs) builtins[name] = await builtin(name, request)
  const run = async (step: string): Promise<string | undefined> => {
    let said = ''
    // The shell pipes what programs print only into Transforms; other streams it wants with a file.
    const output = new Transform({
      transform(chunk: Buffer, _, done) {
        said = (said + chunk.toString()).slice(-4000)
        process.stdout.write(chunk, () => done())
      },
    }).resume()
    try {
      const code = await execute(step, [], {
        cwd: npath.toPortablePath(request.cwd),
        env: { ...request.env },
        builtins,
        stdin: null,
        stdout: output,
        stderr: output,
      })
      await finished(output.end())
      return code === 0 ? undefined : said.trim() || `ended with ${code} and said nothing`
    } catch (error) {
      return (error as Error).message
    }
  }
  for (const step of request.steps) {
    process.stdout.write(`+ ${step}\n`)
    const failed = await run(step)
    if (failed !== undefined) return { ok: false, step, message: failed }
  }
  let entries: Entry[]
  try {
    entries = scan(request.env['out']!)
  } catch (error) {
    return { ok: false, step: 'ships', message: (error as Error).message }
  }
  const wrong = shipped(entries, request.ships)
  if (wrong !== undefined) return { ok: false, step: 'ships', message: wrong }
  for (const step of request.check) {
    process.stdout.write(`+ check: ${step}\n`)
    const failed = await run(step)
    if (failed !== undefined) return { ok: false, step, message: failed }
  }
  return { ok: true, entries }
}

async function builtin(name: string, request: StepRequest): Promise<ShellBuiltin> {
  const url = pathToFileURL(join(request.verbFolder, `${name}.ts`)).href
  const { verb } = (await import(url)) as { verb: Verb }
  return async (args, _, state) => {
    const print = (line: string) => void state.stdout.write(`${line}\n`)
    const env = { ...request.env, ...(state.environment as Record<string, string>) }
    try {
      await verb.run({ args, cwd: npath.fromPortablePath(state.cwd), env, print })
      return 0
    } catch (error) {
      state.stderr.write(`${name}: ${(error as Error).message}\n`)
      return 1
    }
  }
}

/** What is wrong between the files made and the globs shipped, or undefined. */
function shipped(entries: readonly Entry[], ships: readonly string[]): string | undefined {
  const files = entries.filter(entry => entry.type !== 'dir').map(entry => entry.path)
  const globs = ships.map(glob => ({ glob, fits: picomatch(glob, { dot: true }) }))
  const unmade = globs.find(({ fits }) => !entries.some(entry => fits(entry.path)))
  if (unmade !== undefined)
    return `ships ${unmade.glob}, but the steps made no such file; they made ${listed(files)}`
  const extra = files.filter(file => !globs.some(({ fits }) => fits(file)))
  return extra.length === 0
    ? undefined
    : `the steps made ${listed(extra)}, which \`ships\` does not name: ship it or remove it in a step`
}

const listed = (files: readonly string[]) =>
  files.length === 0
    ? 'nothing'
    : files.slice(0, 5).join(', ') + (files.length > 5 ? ` and ${files.length - 5} more` : '')

if (process.send === undefined) throw new Error('this process is started by bt, see ./runners.ts')
process.umask(0o022)
shareGroup()
process.on('message', request => {
  void runSteps(request as StepRequest).then(result => {
    process.send!(result)
    // Kept for the next build: this process is killed at its end, and would not write it then.
    flushCompileCache()
  })
})
// The builder is gone: nobody waits for what this process, or anything it started, still makes.
process.on('disconnect', () => process.kill(0, 'SIGKILL'))
