/** Runs a graph of tasks: several at once, each after what it needs, the longest chain first. */

export type Task = { readonly name: string; readonly needs: readonly string[] }

export class ScheduleError extends Error {
  readonly code: 'GRAPH_CYCLE' | 'GRAPH_MISSING'
  constructor(code: ScheduleError['code'], message: string) {
    super(message)
    this.name = 'ScheduleError'
    this.code = code
  }
}

/**
 * Orders tasks so that each comes after its needs.
 *
 * @throws {ScheduleError} `GRAPH_CYCLE` naming the whole circle; `GRAPH_MISSING` a need that no task has.
 */
export function order<T extends Task>(
  tasks: ReadonlyMap<string, T>,
  goals: readonly string[],
): T[] {
  const done = new Set<string>()
  const sorted: T[] = []
  const visit = (name: string, path: readonly string[]) => {
    if (done.has(name)) return
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name].join(' -> ')
      throw new ScheduleError('GRAPH_CYCLE', `recipes need each other in a circle: ${circle}`)
    }
    const task = tasks.get(name)
    if (task === undefined) {
      const by = path.at(-1)
      throw new ScheduleError(
        'GRAPH_MISSING',
        `${by === undefined ? 'there is no recipe' : `${by} needs`} ${name}, and recipes/${name}.ts does not exist`,
      )
    }
    for (const need of task.needs) visit(need, [...path, name])
    done.add(name)
    sorted.push(task)
  }
  for (const goal of goals) visit(goal, [])
  return sorted
}

/**
 * Runs every task of a sorted list (see {@link order}), at most `jobs` at once. After the first
 * failure nothing new starts; it is thrown when the running ones have ended.
 */
export async function runAll<T extends Task>(
  sorted: readonly T[],
  jobs: number,
  signal: AbortSignal,
  run: (task: T) => Promise<void>,
): Promise<void> {
  const height = heights(sorted)
  const waiting = new Set(sorted.toSorted((a, b) => height.get(b.name)! - height.get(a.name)!))
  const finished = new Set<string>()
  const running = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined
  while (running.size > 0 || (waiting.size > 0 && failure === undefined && !signal.aborted)) {
    for (const task of waiting) {
      if (failure !== undefined || signal.aborted || running.size >= jobs) break
      if (!task.needs.every(need => finished.has(need))) continue
      waiting.delete(task)
      const ended: Promise<void> = run(task)
        .then(() => void finished.add(task.name))
        .catch((error: unknown) => void (failure ??= { error }))
        .finally(() => running.delete(ended))
      running.add(ended)
    }
    if (running.size > 0) await Promise.race(running)
  }
  if (failure !== undefined) throw failure.error
  signal.throwIfAborted()
}

/** Length of the longest chain of tasks that wait for each one. */
function heights(sorted: readonly Task[]): Map<string, number> {
  const height = new Map(sorted.map(task => [task.name, 1]))
  for (const task of sorted.toReversed())
    for (const need of task.needs)
      height.set(need, Math.max(height.get(need) ?? 1, height.get(task.name)! + 1))
  return height
}
