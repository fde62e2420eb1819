/**
 * The processes that run steps: started when first needed, kept for the next action, one action at a
 * time each. A process that dies fails only the action it was at. Requests and results go through
 * Node's channel between parent and child; when that closes because the builder was killed, the
 * process ends itself with everything it started.
 */
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { BUILD, REPO } from '../paths.ts'
import { endGroup, start } from '../spawn.ts'
import { processName } from './alive.ts'
import type { MarkedRequest, StepRequest, StepResult } from './step-runner.ts'

type Runner = {
  readonly child: ChildProcess
  hear: (line: string) => void
  /** Called at the end of a request's output, once for each stream. */
  heardAll: () => void
}

/** How a process ended in the middle of an action. */
export type Ended = { readonly status: number | string; readonly said: readonly string[] }

/** No program prints it: it is made anew by each process that builds. */
const MARK = `end of the output ${randomUUID()}`

/** Lines of output kept for the message about a process that ended. */
const KEPT_LINES = 20

export class Runners {
  readonly #all = new Set<Runner>()
  readonly #idle: Runner[] = []

  /**
   * Runs the steps of one action.
   *
   * @param file  Where to write the name of the process, so that who finds the action's folder after
   *   the builder was killed can end it.
   * @param onOutput  Gets every line that steps print.
   * @returns what the steps came to; {@link Ended} when their process ended before.
   * @throws the reason of `signal`, once the process and its children are killed.
   */
  async run(
    request: StepRequest,
    options: { signal: AbortSignal; file: string; onOutput(line: string): void },
  ): Promise<StepResult | Ended> {
    const { signal, file, onOutput } = options
    signal.throwIfAborted()
    const runner = this.#idle.pop() ?? this.#start()
    const said: string[] = []
    runner.hear = line => {
      said.push(line)
      if (said.length > KEPT_LINES) said.shift()
      onOutput(line)
    }
    const heard = new Promise<void>(resolve => {
      let streams = 2
      runner.heardAll = () => void (--streams === 0 && resolve())
    })
    writeFileSync(file, processName(runner.child.pid ?? 0) ?? '')
    const kill = () => endGroup(runner.child, 'SIGKILL')
    signal.addEventListener('abort', kill, { once: true })
    try {
      const outcome = await ask(runner.child, { ...request, mark: MARK })
      if (typeof outcome === 'object') {
        await heard
        this.#idle.push(runner)
        return outcome
      }
      this.#all.delete(runner)
      signal.throwIfAborted()
      return { status: outcome, said }
    } finally {
      signal.removeEventListener('abort', kill)
      runner.hear = () => {}
    }
  }

  /** Ends all processes, with whatever steps may have left running; resolves when they are gone. */
  async end(): Promise<void> {
    const gone = [...this.#all].map(({ child }) => {
      if (child.exitCode !== null || child.signalCode !== null) return undefined
      endGroup(child, 'SIGKILL')
      return once(child, 'exit')
    })
    this.#all.clear()
    this.#idle.length = 0
    await Promise.all(gone)
  }

  #start(): Runner {
    const child = start(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(REPO, 'image/engine/step-runner.ts')],
      {
        // The cache holds our sources with their types stripped and compiled: half of the start.
        env: { LC_ALL: 'C.UTF-8', TZ: 'UTC', NODE_COMPILE_CACHE: join(BUILD, 'bt/steps') },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    )
    const runner: Runner = { child, hear: () => {}, heardAll: () => {} }
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream })
        .on('close', () => runner.heardAll())
        .on('line', line => {
          const last = line.endsWith(MARK)
          // A program may end without a line feed.
          if (!last) runner.hear(line)
          else if (line !== MARK) runner.hear(line.slice(0, -MARK.length))
          if (last) runner.heardAll()
        })
    // What a dead one leaves behind would keep its output open.
    child.once('exit', () => endGroup(child, 'SIGKILL'))
    this.#all.add(runner)
    return runner
  }
}

/** Sends a request; gives the result, or the exit code or signal that the process ended with. */
function ask(child: ChildProcess, request: MarkedRequest): Promise<StepResult | number | string> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      for (const event of ['message', 'close', 'error']) child.removeAllListeners(event)
      then()
    }
    child.once('message', result => settle(() => resolve(result as StepResult)))
    child.once('close', (code, signal) => settle(() => resolve(code ?? signal ?? 'nothing')))
    child.once('error', error => settle(() => reject(error)))
    child.send(request, error => {
      // A process that is just ending says so by `close`.
      if (error && child.connected) settle(() => reject(error))
    })
  })
}
