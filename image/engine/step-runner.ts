/**
 * The process that runs steps, one action after the other: requests come and results go through the
 * channel to the builder (see ./runners.ts). Steps stop at the first that fails; then what lies in
 * `$out` is compared with what the recipe ships, the checks run, and the tree is listed.
 */
import { flushCompileCache } from 'node:module'
import { shareGroup } from '../spawn.ts'
import { shipped } from './ships.ts'
import { stepper, type StepPlace } from './step.ts'
import { scan, type Entry } from './tree.ts'

export type StepRequest = StepPlace & {
  readonly steps: readonly string[]
  readonly check: readonly string[]
  readonly ships: readonly string[]
}

/** As it is sent: `mark` ends its output, on both streams, as the result may overtake that. */
export type MarkedRequest = StepRequest & { readonly mark: string }

export type StepResult =
  | { readonly ok: true; readonly entries: Entry[] }
  | { readonly ok: false; readonly step: string; readonly message: string }

async function runSteps(request: StepRequest): Promise<StepResult> {
  const run = await stepper(request)
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

if (process.send === undefined) throw new Error('this process is started by bt, see ./runners.ts')
process.umask(0o022)
shareGroup()
process.on('message', message => {
  const { mark, ...request } = message as MarkedRequest
  void runSteps(request).then(result => {
    for (const stream of [process.stdout, process.stderr]) stream.write(`${mark}\n`)
    process.send!(result)
    // Kept for the next build: this process is killed at its end, and would not write it then.
    flushCompileCache()
  })
})
// The builder is gone: nobody waits for what this process, or anything it started, still makes.
process.on('disconnect', () => process.kill(0, 'SIGKILL'))
