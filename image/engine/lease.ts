/**
 * Leases: one small file per running build in `leases/`, so that the garbage collection never
 * removes what a build is about to use; and one of the collection itself, for which builds wait.
 * Each side first says that it is there and then looks at the other, so that one always sees the
 * other. A lease of a process that is gone counts for nothing.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { alive, me } from './alive.ts'

export type Lease = { release(): void }

const POLL_MS = 50
let taken = 0

/** Takes a build's lease, once no collection is under way. @throws the reason of `signal`. */
export async function takeLease(cache: string, signal?: AbortSignal): Promise<Lease> {
  const lease = write(cache, `build${taken++}`)
  try {
    while (living(cache, 'gc').length > 0) await setTimeout(POLL_MS, undefined, { signal })
  } catch (error) {
    lease.release()
    throw error
  }
  return lease
}

/** Takes the collection's lease, or gives the process ids of the builds that are in its way. */
export function takeGcLease(cache: string): Lease | { readonly busy: readonly number[] } {
  const lease = write(cache, 'gc')
  const builds = living(cache, 'build')
  if (builds.length === 0) return lease
  lease.release()
  return { busy: builds }
}

function write(cache: string, kind: string): Lease {
  const folder = join(cache, 'leases')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${me}.${kind}`)
  writeFileSync(file, '')
  return { release: () => rmSync(file, { force: true }) }
}

/** Process ids of those that hold a lease of a kind; leases of the dead are removed. */
function living(cache: string, kind: 'build' | 'gc'): number[] {
  const folder = join(cache, 'leases')
  const pids = new Set<number>()
  for (const name of readdirSync(folder)) {
    if (!alive(name)) rmSync(join(folder, name), { force: true })
    else if (name.split('.')[1]?.startsWith(kind)) pids.add(Number.parseInt(name, 10))
  }
  return [...pids]
}
