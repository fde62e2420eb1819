/**
 * Runs one action: lays out its folder, runs its steps in another process, and takes what they made
 * into the cache. The folder is the action's own, below the cache, and goes away at the end.
 *
 *   in/<recipe>   links to the trees of `needs`        src/   sources
 *   out/          what the recipe makes                work/  scratch, where steps start
 *   runner        the process that runs the steps
 */
import {
  copyFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { EvaluatedRecipe } from '../recipe/check.ts'
import { REPO } from '../paths.ts'
import { verbsOf } from './action.ts'
import { endGroupOf } from '../spawn.ts'
import { alive } from './alive.ts'
import { sha256File } from './digest.ts'
import { removeTree } from './remove.ts'
import type { Runners } from './runners.ts'
import type { SourceFile } from './sources.ts'
import type { StepRequest } from './step-runner.ts'
import type { Entry } from './tree.ts'

/** File in an action's folder with the name of the process that runs its steps. */
const RUNNER = 'runner'
/** Longest that a killed process is waited for. */
const ENDING_MS = 2000

export class StepError extends Error {
  readonly code: 'STEP_FAILED' | 'STEP_ENDED' | 'STEP_SOURCE_CHANGED'
  constructor(code: StepError['code'], message: string) {
    super(message)
    this.name = 'StepError'
    this.code = code
  }
}

export type Execution = {
  readonly recipe: EvaluatedRecipe
  readonly env: Readonly<Record<string, string>>
  readonly sources: readonly SourceFile[]
  /** Local file of every source that is not of the checkout, by its path below `$src`. */
  readonly fetched: ReadonlyMap<string, string>
  /** Folder of the tree of every need. */
  readonly needs: ReadonlyMap<string, string>
  /** Folders of programs, first on the PATH. */
  readonly bins: readonly string[]
  readonly runners: Runners
  readonly signal: AbortSignal
  onOutput(line: string): void
}

/**
 * Makes the folders that steps see, below `folder`, and gives their variables.
 *
 * @throws {StepError} `STEP_SOURCE_CHANGED` a file is no longer what the action's key was made of.
 */
export function layOut(
  execution: Omit<Execution, 'runners' | 'onOutput' | 'signal'>,
  folder: string,
): Record<string, string> {
  const at = (name: string) => join(folder, name)
  for (const name of ['in', 'src', 'out', 'work']) mkdirSync(at(name), { recursive: true })
  for (const [name, tree] of execution.needs) symlinkSync(tree, join(folder, 'in', name))
  for (const source of execution.sources) {
    const to = join(folder, 'src', source.path)
    makeFolder(dirname(to))
    if (source.origin.kind === 'checkout') {
      copyFileSync(source.origin.file, to)
      if (`sha256:${sha256File(to)}` !== source.pin)
        throw new StepError(
          'STEP_SOURCE_CHANGED',
          `${source.path} changed while ${execution.recipe.name} was about to be built: build again`,
        )
      chmodSync(to, source.executable ? 0o755 : 0o644)
    } else if (source.origin.kind === 'text') {
      writeFileSync(to, source.origin.text)
      chmodSync(to, 0o644)
    } else symlinkSync(execution.fetched.get(source.path)!, to)
  }
  return {
    ...execution.env,
    in: at('in'),
    src: at('src'),
    out: at('out'),
    work: at('work'),
    HOME: at('work'),
    TMPDIR: at('work'),
    PATH: execution.bins.join(':'),
  }
}

/** With a mode that does not depend on the umask: steps may copy it. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
  chmodSync(path, 0o755)
}

/**
 * @returns the folder made, which the caller moves into the cache or removes, and what is in it.
 * @throws {StepError} `STEP_FAILED` a step failed: recipe, step and what it said; `STEP_ENDED` the
 *   process of the steps was ended; `STEP_SOURCE_CHANGED` see {@link layOut}.
 */
export async function execute(
  execution: Execution,
  folder: string,
): Promise<{ out: string; entries: Entry[] }> {
  const { recipe, runners, signal } = execution
  const env = layOut(execution, folder)
  const request: StepRequest = {
    steps: recipe.steps,
    check: recipe.check,
    ships: recipe.ships,
    cwd: env['work']!,
    env,
    verbFolder: join(REPO, 'image/verbs'),
    verbs: verbsOf(recipe),
  }
  const result = await runners.run(request, {
    signal,
    file: join(folder, RUNNER),
    onOutput: line => execution.onOutput(line),
  })
  if ('status' in result)
    throw new StepError(
      'STEP_ENDED',
      `${recipe.file}: the process of its steps ended with ${result.status}; it said last: ${result.said.join('\n') || 'nothing'}`,
    )
  if (!result.ok)
    throw new StepError(
      'STEP_FAILED',
      `${recipe.file}: \`${result.step}\` failed: ${result.message}`,
    )
  return { out: env['out']!, entries: result.entries }
}

/**
 * Removes what builds that died left in a folder of {@link alive} names, and ends the processes that
 * may still be at it.
 */
export async function sweep(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder).filter(name => !alive(name))) {
    await endRunner(join(folder, name, RUNNER))
    removeTree(join(folder, name))
  }
}

async function endRunner(file: string): Promise<void> {
  const name = existsSync(file) ? readFileSync(file, 'latin1') : ''
  for (let i = 0; alive(name) && i < ENDING_MS; i += 10) {
    endGroupOf(Number.parseInt(name, 10))
    await setTimeout(10)
  }
}
