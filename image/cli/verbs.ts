/** The verbs of `bt`, in the order of the help. Each is loaded only when it is called. */
import type { Command } from './command.ts'

export type Load = () => Promise<Command>

export const VERBS: Readonly<Record<string, Load>> = {
  // @ts-ignore being written
  build: async () => (await import('./build.ts')).build,
  // @ts-ignore being written
  run: async () => (await import('./run.ts')).run,
  // @ts-ignore being written
  why: async () => (await import('./why.ts')).why,
  // @ts-ignore being written
  graph: async () => (await import('./graph.ts')).graph,
  // @ts-ignore being written
  shell: async () => (await import('./shell.ts')).shell,
  // @ts-ignore being written
  sbom: async () => (await import('./sbom.ts')).sbom,
  // @ts-ignore being written
  licenses: async () => (await import('./licenses.ts')).licenses,
  // @ts-ignore being written
  flash: async () => (await import('./flash.ts')).flash,
  // @ts-ignore being written
  diff: async () => (await import('./diff.ts')).diff,
  // @ts-ignore being written
  lock: async () => (await import('./lock.ts')).lock,
  // @ts-ignore being written
  size: async () => (await import('./size.ts')).size,
  // @ts-ignore being written
  new: async () => (await import('./new.ts')).new_,
  // @ts-ignore being written
  clean: async () => (await import('./clean.ts')).clean,
  test: async () => (await import('./test.ts')).test,
  bench: async () => (await import('./bench.ts')).bench,
  doctor: async () => (await import('./doctor.ts')).doctor,
  completion: async () => (await import('./completion.ts')).completion,
  help: async () => (await import('./help.ts')).help,
}
