/**
 * Runs one action: lays out its folder, runs its steps in a child process, and takes what they made
 * into the cache. The folder is the action's own, below the cache, and goes away at the end.
 *
 *   in/<recipe>   links to the trees of `needs`        src/   sources
 *   out/          what the recipe makes                work/  scratch, where steps start
 */
import {
  copyFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { EvaluatedRecipe } from '../recipe/check.ts'
import { REPO } from '../paths.ts'
import { endGroup, start } from '../spawn.ts'
import { verbsOf } from './action.ts'
import { alive } from './alive.ts'
import { readJson } from './atomic.ts'
import type { SourceFile } from './sources.ts'
import type { StepRequest, StepResult } from './step-runner.ts'
import type { Entry } from './tree.ts'

export class StepError extends Error {
  readonly code: 'STEP_FAILED' | 'STEP_ENDED'
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
  readonly signal: AbortSignal
  onOutput(line: string): void
}

/** Makes the folders that steps see, below `folder`, and gives their variables. */
export function layOut(execution: Execution, folder: string): Record<string, string> {
  const at = (name: string) => join(folder, name)
  for (const name of ['in', 'src', 'out', 'work']) mkdirSync(at(name), { recursive: true })
  for (const [name, tree] of execution.needs) symlinkSync(tree, join(folder, 'in', name))
  for (const source of execution.sources) {
    const to = join(folder, 'src', source.path)
    mkdirSync(dirname(to), { recursive: true })
    if (source.origin.kind === 'checkout') {
      copyFileSync(source.origin.file, to)
      chmodSync(to, source.executable ? 0o755 : 0o644)
    } else if (source.origin.kind === 'text') writeFileSync(to, source.origin.text)
    else symlinkSync(execution.fetched.get(source.path)!, to)
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

/**
 * @returns the folder made, which the caller moves into the cache or removes, and what is in it.
 * @throws {StepError} `STEP_FAILED` a step failed: recipe, step and what it said; `STEP_ENDED` the
 *   process of the steps ended without a word.
 */
export async function execute(
  execution: Execution,
  folder: string,
): Promise<{ out: string; entries: Entry[] }> {
  const { recipe, signal } = execution
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
  const [ask, answer] = [join(folder, 'request.json'), join(folder, 'result.json')]
  writeFileSync(ask, JSON.stringify(request))
  const status = await runChild(ask, answer, execution)
  signal.throwIfAborted()
  const result = readJson<StepResult>(answer)
  if (result === undefined)
    throw new StepError(
      'STEP_ENDED',
      `${recipe.file}: its steps ended with ${status} before the last one`,
    )
  if (!result.ok)
    throw new StepError(
      'STEP_FAILED',
      `${recipe.file}: \`${result.step}\` failed: ${result.message}`,
    )
  return { out: env['out']!, entries: result.entries }
}

async function runChild(ask: string, answer: string, execution: Execution): Promise<string> {
  const runner = process.env['BT_STEP_RUNNER'] ?? join(REPO, 'image/engine/step-runner.ts')
  const child = start(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', runner, ask, answer],
    {
      env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    },
  )
  const stop = () => endGroup(child, 'SIGKILL')
  execution.signal.addEventListener('abort', stop, { once: true })
  let rest = ''
  const hear = (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop()!
    lines.forEach(execution.onOutput)
  }
  child.stdout!.on('data', hear)
  child.stderr!.on('data', hear)
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(String(code ?? signal)))
    })
  } finally {
    execution.signal.removeEventListener('abort', stop)
  }
}

/** Removes the work folders of builds that died. `folder` holds one folder per action: `<pid>.<n>`. */
export function sweep(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) {
    const pid = Number.parseInt(name, 10)
    if (!Number.isNaN(pid) && !alive(pid))
      rmSync(join(folder, name), { recursive: true, force: true })
  }
}
