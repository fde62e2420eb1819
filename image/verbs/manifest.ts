/**
 * Writes the manifest of a root. Which package a file came from is learnt from two sources: the files
 * given by `--packages`, `{"packages": [{name, version, recipe, files: [path…]}]}`, and the trees of
 * the recipes, `NAME=FOLDER` or `NAME@VERSION=FOLDER`, for what those do not name.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  formatManifest,
  ManifestError,
  writeManifest,
  type ManifestPackage,
} from '../disk/manifest.ts'
import { walk } from '../engine/tree.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage:
    'manifest ROOT OUT.json [--board NAME] [--version V] [--profile P] [--kernel RECIPE] ' +
    '[--packages FILE]… [RECIPE[@VERSION]=FOLDER]…',
  about: 'lists every file of a root with size, hash and package; read by bt diff and bt size',

  async run({ args, cwd, print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        board: { type: 'string', default: '' },
        version: { type: 'string', default: '' },
        profile: { type: 'string', default: '' },
        kernel: { type: 'string', default: '' },
        packages: { type: 'string', multiple: true },
      },
    })
    const [root, out, ...trees] = positionals
    if (!root || !out) throw new Error(`usage: ${verb.usage}`)
    const packages: ManifestPackage[] = []
    const of = new Map<string, string>()
    for (const list of values.packages ?? [])
      for (const { files, ...p } of readPackages(resolve(cwd, list))) {
        packages.push(p)
        for (const path of files) of.set(path, p.name)
      }
    for (const tree of trees) {
      const match = /^([a-z0-9-]+)(?:@([^=]+))?=(.+)$/.exec(tree)
      if (!match) throw new Error(`'${tree}' is not RECIPE=FOLDER, as in base=$in/base`)
      const [, recipe = '', version = '', folder = ''] = match
      if (packages.some(p => p.name === recipe))
        throw new Error(`${recipe} is the name of a package already`)
      packages.push({ name: recipe, version, recipe })
      for (const { path } of walk(resolve(cwd, folder))) if (!of.has(path)) of.set(path, recipe)
    }
    const { board, version, profile, kernel } = values
    const head = { board, version, profile, kernel }
    const manifest = writeManifest(resolve(cwd, root), head, { packages, of })
    writeFileSync(resolve(cwd, out), formatManifest(manifest))
    print(`${manifest.files.length} files of ${manifest.packages.length} packages`)
  },
}

type Listed = ManifestPackage & { readonly files: readonly string[] }

function readPackages(file: string): Listed[] {
  const value = JSON.parse(readFileSync(file, 'utf8')) as { packages?: Partial<Listed>[] } | null
  if (!Array.isArray(value?.packages))
    throw new ManifestError('MANIFEST_MALFORMED', `${file}: 'packages' is missing`)
  return value.packages.map((p, i) => {
    const { name, version, recipe, files } = p ?? {}
    if (![name, version, recipe].every(text => typeof text === 'string') || !Array.isArray(files))
      throw new ManifestError(
        'MANIFEST_MALFORMED',
        `${file}: packages[${i}] needs name, version, recipe and files`,
      )
    return { name: name!, version: version!, recipe: recipe!, files }
  })
}
