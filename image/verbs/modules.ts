/**
 * Keeps of a kernel's modules only those that a board names, with all that they depend on, and
 * writes the lists that the kernel's loader reads (depmod(8)).
 *
 * `modules FROM TO GLOB…`: FROM and TO hold one folder per kernel version; globs are relative to its
 * `kernel/` folder, without `.ko` and compression; `=NAME` names one module wherever it lies.
 */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import picomatch from 'picomatch'
import { run } from '../spawn.ts'
import { moduleName } from '../disk/kernel-modules.ts'
import { removeTree } from '../engine/remove.ts'
import { walk } from '../engine/tree.ts'
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
      throw new Error(
        `${from} holds ${versions.join(', ') || 'nothing'}, expected one kernel version`,
      )
    const version = versions[0]!
    const source = resolve(cwd, from, version)
    const target = resolve(cwd, to, version)
    const all = modulesBelow(source)
    const builtin = readFileSync(join(source, 'modules.builtin'), 'utf8')
      .split('\n')
      .map(moduleName)

    const named = new Set<string>()
    for (const word of wanted) {
      const fits = word.startsWith('=')
        ? (path: string) => moduleName(path) === moduleName(word.slice(1))
        : globOf(word)
      const found = [...all.values()].filter(fits)
      if (
        found.length === 0 &&
        word.startsWith('=') &&
        !builtin.includes(moduleName(word.slice(1)))
      )
        throw new Error(
          `${word.slice(1)} is neither a module nor built into ${version}: correct the board`,
        )
      for (const path of found) named.add(path)
    }
    const scratch = mkdtempSync(join(env['TMPDIR'] ?? tmpdir(), 'modules-'))
    try {
      const plain = join(scratch, 'plain', version)
      const keep = await withNeeds(named, all, { source, plain, cwd, env })
      mkdirSync(target, { recursive: true })
      for (const list of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order'])
        for (const folder of [plain, target]) copyFileSync(join(source, list), join(folder, list))
      await run('depmod', ['--basedir', scratch, '--moduledir', '/plain', version], { cwd, env })
      const made = readdirSync(plain).filter(name => /^modules\./.test(name))
      for (const name of made)
        if (!/^modules\.(?:alias|symbols)$/.test(name))
          copyFileSync(join(plain, name), join(target, name))
      for (const path of keep) {
        mkdirSync(dirname(join(target, path)), { recursive: true })
        // What the recipe has unpacked for this is not needed twice.
        if (source.startsWith(`${env['work']}/`)) renameSync(join(source, path), join(target, path))
        else copyFileSync(join(source, path), join(target, path))
      }
      print(`${keep.size} of ${all.size} modules kept`)
    } finally {
      removeTree(scratch)
    }
  },
}

/** Paths relative to `folder`, by the module's name. */
function modulesBelow(folder: string): Map<string, string> {
  const files = walk(folder).filter(({ path }) => /\.ko(\.(xz|zst|gz))?$/.test(path))
  return new Map(files.map(({ path }) => [moduleName(path), path]))
}

type Places = {
  readonly source: string
  /** Folder where the modules are decompressed, under the names that they have at `source`. */
  readonly plain: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Modules with all that they depend on, as the modules themselves say it (`.modinfo`, `depends`).
 * Each is decompressed once: modinfo and depmod look at what a file holds, not at its name.
 */
async function withNeeds(
  named: ReadonlySet<string>,
  all: ReadonlyMap<string, string>,
  places: Places,
): Promise<Set<string>> {
  const { plain, cwd, env } = places
  const keep = new Set<string>()
  let next = [...named]
  while (next.length > 0) {
    for (const path of next) keep.add(path)
    await decompress(next, places)
    const files = next.map(path => join(plain, path))
    const { stdout } = await run('modinfo', ['-F', 'depends', ...files], { cwd, env })
    const names = stdout
      .toString()
      .split(/[,\s]+/)
      .filter(Boolean)
    next = [...new Set(names)].map(name => {
      const path = all.get(moduleName(name))
      if (path === undefined) throw new Error(`${name} is needed but not among the modules`)
      return path
    })
    next = next.filter(path => !keep.has(path))
  }
  return keep
}

async function decompress(paths: readonly string[], places: Places): Promise<void> {
  const { source, plain, cwd, env } = places
  for (const path of paths) {
    mkdirSync(dirname(join(plain, path)), { recursive: true })
    symlinkSync(join(source, path), join(plain, path))
  }
  const packed = paths.filter(path => path.endsWith('.xz')).map(path => join(plain, path))
  if (packed.length === 0) return
  const options = ['--decompress', '--keep', '--force', '--quiet', '--no-warn', '--threads=1']
  await run('xz', [...options, ...packed], { cwd, env })
  for (const path of packed) renameSync(path.slice(0, -'.xz'.length), path)
}

function globOf(glob: string): (path: string) => boolean {
  const fits = picomatch(glob)
  return path => fits(path.replace(/^kernel\//, '').replace(/\.ko(\.(xz|zst|gz))?$/, ''))
}
