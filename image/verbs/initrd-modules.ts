/**
 * Puts the modules of an initrd in place, uncompressed (compressed ones ruin the deltas of updates),
 * and writes the order to load them in: `OUT/modules/NAME.ko` and `OUT/modules.order`.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { run } from '../spawn.ts'
import { moduleName, readDependencies } from '../disk/kernel-modules.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'initrd-modules FROM OUT NAME…',
  about: 'puts modules and what they need into an initrd, with the order to load them in',
  async run({ args, cwd, env, print }) {
    const [from, out, ...names] = args
    if (from === undefined || out === undefined)
      throw new Error('found too few arguments, expected: initrd-modules FROM OUT NAME…')
    const versions = readdirSync(resolve(cwd, from))
    if (versions.length !== 1)
      throw new Error(
        `${from} holds ${versions.join(', ') || 'nothing'}, expected one kernel version`,
      )
    const version = versions[0]!
    const source = resolve(cwd, from, version)
    // A kernel without modules has no such file.
    const dep = join(source, 'modules.dep')
    const graph = readDependencies(existsSync(dep) ? readFileSync(dep, 'utf8') : '')
    const builtin = readFileSync(join(source, 'modules.builtin'), 'utf8')
      .split('\n')
      .map(moduleName)
    const order: string[] = []
    const add = (path: string) => {
      if (order.includes(path)) return
      for (const need of [...(graph.get(path) ?? [])].reverse()) add(need)
      if (!order.includes(path)) order.push(path)
    }
    for (const name of names) {
      const path = [...graph.keys()].find(key => moduleName(key) === moduleName(name))
      if (path !== undefined) add(path)
      else if (!builtin.includes(moduleName(name)))
        throw new Error(`${name} is neither among the modules nor built into ${version}`)
    }
    mkdirSync(resolve(cwd, out, 'modules'), { recursive: true })
    for (const path of order) {
      const to = resolve(cwd, out, 'modules', `${moduleName(path)}.ko`)
      if (path.endsWith('.xz')) {
        const { stdout } = await run('xz', ['--decompress', '--stdout', join(source, path)], {
          cwd,
          env,
        })
        writeFileSync(to, stdout)
      } else if (path.endsWith('.ko')) copyFileSync(join(source, path), to)
      else throw new Error(`${path} is compressed in a way that is not known here: .xz or none`)
    }
    const list = order.map(path => `${moduleName(path)}.ko\n`).join('')
    writeFileSync(resolve(cwd, out, 'modules.order'), list)
    print(`${order.length} modules: ${order.map(moduleName).join(' ')}`)
  },
}
