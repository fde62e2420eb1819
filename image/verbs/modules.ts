/**
 * Keeps of a kernel's modules only those that a board names, with all that they depend on, and
 * writes the lists that the kernel's loader reads (depmod(8)).
 *
 * `modules FROM TO GLOB…`: FROM and TO hold one folder per kernel version; globs are relative to its
 * `kernel/` folder, without `.ko` and compression; `=NAME` names one module wherever it lies.
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import picomatch from 'picomatch'
import { run } from '../spawn.ts'
import { moduleName, readDependencies } from '../disk/kernel-modules.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'modules FROM TO GLOB… =NAME…',
  about: 'keeps the named kernel modules and what they depend on',
  async run({ args, cwd, env, print }) {
    const [from, to, ...wanted] = args
    if (from === undefined || to === undefined || wanted.length === 0)
      throw new Error('found too few arguments, expected: modules FROM TO GLOB…')
    const versions = readdirSync(resolve(cwd, from))
    if (versions.length !== 1)
      throw new Error(`${from} holds ${versions.join(', ') || 'nothing'}, expected one kernel version`)
    const version = versions[0]!
    const source = resolve(cwd, from, version)
    const target = resolve(cwd, to, version)
    await depmod(resolve(cwd, from), version, cwd, env)
    const graph = readDependencies(readFileSync(join(source, 'modules.dep'), 'utf8'))
    const builtin = readFileSync(join(source, 'modules.builtin'), 'utf8').split('\n').map(moduleName)

    const keep = new Set<string>()
    const add = (path: string) => {
      if (keep.has(path)) return
      keep.add(path)
      for (const need of graph.get(path) ?? []) add(need)
    }
    for (const word of wanted) {
      const fits = word.startsWith('=')
        ? (path: string) => moduleName(path) === moduleName(word.slice(1))
        : globOf(word)
      const found = [...graph.keys()].filter(fits)
      if (found.length === 0 && word.startsWith('=') && !builtin.includes(moduleName(word.slice(1))))
        throw new Error(`${word.slice(1)} is neither a module nor built into ${version}: correct the board`)
      found.forEach(add)
    }
    for (const path of keep) {
      mkdirSync(dirname(join(target, path)), { recursive: true })
      copyFileSync(join(source, path), join(target, path))
    }
    mkdirSync(target, { recursive: true })
    for (const list of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order'])
      copyFileSync(join(source, list), join(target, list))
    await depmod(resolve(cwd, to), version, cwd, env)
    for (const text of ['modules.alias', 'modules.symbols']) rmSync(join(target, text))
    print(`${keep.size} of ${graph.size} modules kept`)
  },
}

function globOf(glob: string): (path: string) => boolean {
  const fits = picomatch(glob)
  return path => fits(path.replace(/^kernel\//, '').replace(/\.ko(\.(xz|zst|gz))?$/, ''))
}

/** depmod looks below BASE/lib/modules; ours is given by `--moduledir`. */
async function depmod(folder: string, version: string, cwd: string, env: Readonly<Record<string, string>>) {
  await run('depmod', ['--basedir', dirname(folder), '--moduledir', `/${folder.split('/').pop()}`, version], {
    cwd,
    env,
  })
}
