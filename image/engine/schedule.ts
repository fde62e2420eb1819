/** Runs a graph of tasks: several at once, each after what it needs, the longest chain first. */
import { nearest } from '../recipe/nearest.ts'

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
  const sorted: T[] = []
  // Own stack instead of recursion: a chain may be longer than the engine's stack is deep.
  const path: { readonly task: T; next: number }[] = []
  const state = new Map<string, 'open' | 'done'>()
  const enter = (name: string, by?: string) => {
    if (state.get(name) === 'done') return
    if (state.has(name)) {
      const names = path.map(({ task }) => task.name)
      const circle = [...names.slice(names.indexOf(name)), name].join(' -> ')
      throw new ScheduleError('GRAPH_CYCLE', `recipes need each other in a circle: ${circle}`)
    }
    const task = tasks.get(name)
    if (task === undefined) throw missing(name, by, tasks.keys())
    state.set(name, 'open')
    path.push({ task, next: 0 })
  }
  for (const goal of goals) {
    enter(goal)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = top.task.needs[top.next++]
      if (need !== undefined) enter(need, top.task.name)
      else {
        path.pop()
        state.set(top.task.name, 'done')
        sorted.push(top.task)
      }
    }
  }
  return sorted
}

function missing(name: string, by: string | undefined, known: Iterable<string>): ScheduleError {
  const meant = nearest(name, known)
  const who = by === undefined ? 'there is no recipe' : `${by} needs`
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return new ScheduleError(
    'GRAPH_MISSING',
    `${who} ${name}, and recipes/${name}.ts does not exist${hint}`,
  )
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
  const waitFor = new Map(sorted.map(task => [task, new Set(task.needs).size]))
  const dependents = new Map<string, T[]>()
  for (const task of sorted)
    for (const need of new Set(task.needs)) {
      const list = dependents.get(need)
      if (list === undefined) dependents.set(need, [task])
      else list.push(task)
    }
  /** Tasks that may start, by height: a stack each, the highest is taken first. */
  const ready: T[][] = []
  let top = 0
  const offer = (task: T) => {
    const at = height.get(task.name)!
    ;(ready[at] ??= []).push(task)
    top = Math.max(top, at)
  }
  const take = (): T | undefined => {
    while (top > 0 && (ready[top]?.length ?? 0) === 0) top--
    return ready[top]?.pop()
  }
  // In turn, so that what is equal starts in the order of the list.
  for (const task of sorted.toReversed()) if (waitFor.get(task) === 0) offer(task)
  const running = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined
  for (;;) {
    while (failure === undefined && !signal.aborted && running.size < jobs) {
      const task = take()
      if (task === undefined) break
      const ended: Promise<void> = run(task)
        .then(() => {
          for (const next of dependents.get(task.name) ?? []) {
            const left = waitFor.get(next)! - 1
            waitFor.set(next, left)
            if (left === 0) offer(next)
          }
        })
        .catch((error: unknown) => void (failure ??= { error }))
        .finally(() => running.delete(ended))
      running.add(ended)
    }
    if (running.size === 0) break
    await Promise.race(running)
  }
  if (failure !== undefined) throw failure.error
  signal.throwIfAborted()
}

/** Length of the longest chain of tasks that wait for each one, itself counted. */
function heights(sorted: readonly Task[]): Map<string, number> {
  const height = new Map(sorted.map(task => [task.name, 1]))
  for (const task of sorted.toReversed())
    for (const need of task.needs)
      height.set(need, Math.max(height.get(need) ?? 1, height.get(task.name)! + 1))
  return height
}
