/**
 * Finds what would fail to start in a tree: libraries that a program needs and nobody ships, missing
 * loaders, missing interpreters of scripts, programs for another machine, and libraries that a
 * program opens itself and calls required.
 */
import type { Elf } from './elf.ts'
import { kindInside, resolveInside } from './inside.ts'
import { closure, finder } from './needs.ts'
import { findPrograms, type Programs } from './tree.ts'

export type Fault = {
  readonly kind: 'library' | 'loader' | 'interpreter' | 'machine' | 'dlopen' | 'also'
  /** What is missing: a library's name, a path; for `machine` what the file is for. */
  readonly missing: string
  /** The file that needs it; empty for what was asked for on the command line. */
  readonly by: string
}

export type CheckOptions = {
  /** Paths that must be there, or names of libraries that must be found though nothing names them. */
  readonly also?: readonly string[]
  /** Interpreters (paths or last names) that scripts may name though they are not there. */
  readonly allowInterpreters?: readonly string[]
}

/** Where `env` looks for a script's interpreter. */
const PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** @returns the faults, sorted by file, and how much was looked at. */
export function checkTree(
  root: string,
  options: CheckOptions = {},
): { faults: Fault[]; elves: number; scripts: number; optional: number } {
  const programs = findPrograms(root)
  const loadable = [...programs.elves].filter(([, { type }]) => type !== 'relocatable')
  const { find } = finder(root, programs.elves)
  const faults: Fault[] = []
  let optional = 0

  const machine = mostCommon(loadable.map(([, elf]) => elf.machine))
  const checked = new Set<string>()
  const add = (fault: Fault) => {
    const key = JSON.stringify(fault)
    if (!checked.has(key)) faults.push(fault)
    checked.add(key)
  }
  // Programs first: a library that is found by the RPATH of the program that loads it is found.
  const reached = new Set<string>()
  const load = (path: string) => {
    const { libraries, missing } = closure(find, programs.elves, path)
    for (const library of libraries.values()) reached.add(library)
    for (const { name, by } of missing) add({ kind: 'library', missing: name, by })
  }
  for (const [path, elf] of loadable) if (elf.interpreter !== undefined) load(path)
  for (const [path] of loadable) if (!reached.has(path)) load(path)

  for (const [path, elf] of loadable) {
    if (elf.machine !== machine) add({ kind: 'machine', missing: elf.machine, by: path })
    if (elf.interpreter !== undefined && kindInside(root, elf.interpreter) !== 'file')
      add({ kind: 'loader', missing: elf.interpreter, by: path })
    for (const { sonames, priority } of elf.dlopen) {
      if (sonames.some(name => find({ path, elf }, name) !== undefined)) continue
      if (priority === 'required') add({ kind: 'dlopen', missing: sonames.join(' or '), by: path })
      else optional++
    }
  }
  for (const name of options.also ?? []) {
    const there = name.includes('/')
      ? resolveInside(root, name) !== undefined
      : loadable.some(([path, elf]) =>
          find({ path, elf: { ...elf, runpath: [], rpath: [] } }, name),
        )
    if (!there) add({ kind: 'also', missing: name, by: '' })
  }
  for (const fault of scriptFaults(root, programs, options.allowInterpreters ?? [])) add(fault)
  faults.sort((a, b) => (a.by === b.by ? 0 : a.by < b.by ? -1 : 1))
  return { faults, elves: loadable.length, scripts: programs.scripts.size, optional }
}

function scriptFaults(root: string, { scripts }: Programs, allowed: readonly string[]): Fault[] {
  const faults: Fault[] = []
  const isProgram = (path: string) => kindInside(root, path) === 'file'
  for (const [path, [interpreter, argument]] of scripts) {
    const fault = (missing: string) => {
      if (!allowed.includes(missing) && !allowed.includes(missing.replace(/.*\//, '')))
        faults.push({ kind: 'interpreter', missing, by: path })
    }
    if (!isProgram(interpreter)) fault(interpreter)
    else if (/\/env$/.test(interpreter)) {
      const name = argument.split(/\s+/).find(word => !/^-|=/.test(word)) ?? ''
      const found = name.startsWith('/')
        ? isProgram(name)
        : PATH.some(p => isProgram(`${p}/${name}`))
      if (!found) fault(name)
    }
  }
  return faults
}

function mostCommon(machines: readonly Elf['machine'][]): Elf['machine'] | undefined {
  const count = Map.groupBy(machines, machine => machine)
  return [...count].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0]
}
