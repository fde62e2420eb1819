/**
 * Leases: one small file per running build, so that the garbage collection never removes what a
 * build is about to use. A lease of a process that is gone counts for nothing.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { alive } from './alive.ts'

export type Lease = { release(): void }

let taken = 0

export function takeLease(cache: string): Lease {
  const folder = join(cache, 'leases')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${process.pid}.${taken++}`)
  writeFileSync(file, '')
  return { release: () => rmSync(file, { force: true }) }
}

/** Process ids of the builds that run now, this one not counted. */
export function otherLeases(cache: string): number[] {
  const folder = join(cache, 'leases')
  mkdirSync(folder, { recursive: true })
  const pids = new Set<number>()
  for (const name of readdirSync(folder)) {
    const pid = Number.parseInt(name, 10)
    if (pid === process.pid) continue
    if (alive(pid)) pids.add(pid)
    else rmSync(join(folder, name), { force: true })
  }
  return [...pids]
}
