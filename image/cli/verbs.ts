/** The verbs of `bt`, in the order of the help. Each is loaded only when it is called. */
import type { Command } from './command.ts'

export type Load = () => Promise<Command>

export const VERBS: Readonly<Record<string, Load>> = {
  build: async () => (await import('./build.ts')).build,
  run: async () => (await import('./run.ts')).run,
  why: async () => (await import('./why.ts')).why,
  graph: async () => (await import('./graph.ts')).graph,
  shell: async () => (await import('./shell.ts')).shell,
  sbom: async () => (await import('./sbom.ts')).sbom,
  licenses: async () => (await import('./licenses.ts')).licenses,
  flash: async () => (await import('./flash.ts')).flash,
  diff: async () => (await import('./diff.ts')).diff,
  lock: async () => (await import('./lock.ts')).lock,
  size: async () => (await import('./size.ts')).size,
  new: async () => (await import('./new.ts')).new_,
  clean: async () => (await import('./clean.ts')).clean,
  test: async () => (await import('./test.ts')).test,
  bench: async () => (await import('./bench.ts')).bench,
  doctor: async () => (await import('./doctor.ts')).doctor,
  completion: async () => (await import('./completion.ts')).completion,
  help: async () => (await import('./help.ts')).help,
}
