/**
 * Writes the manifest of a root. Which package a file came from is learnt from the trees of the
 * recipes, `RECIPE=FOLDER`: the lists that `unpack` left there name the Debian packages, and what is
 * in none of them the recipe made itself, which then counts as a package with the image's version.
 */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readOwned } from '../debian/owned.ts'
import { formatManifest, writeManifest, type ManifestPackage } from '../disk/manifest.ts'
import { walk } from '../engine/tree.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage:
    'manifest ROOT OUT.json [--board NAME] [--version V] [--profile P] [--kernel RECIPE] ' +
    'RECIPE=FOLDER…',
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
      },
    })
    const [root, out, ...trees] = positionals
    if (!root || !out) throw new Error(`usage: ${verb.usage}`)
    const packages = new Map<string, ManifestPackage>()
    const of = new Map<string, string>()
    const made: { recipe: string; folder: string }[] = []
    for (const tree of trees) {
      const [, recipe, folder] = /^([a-z0-9_-]+)=(.+)$/.exec(tree) ?? []
      if (!recipe || !folder) throw new Error(`'${tree}' is not RECIPE=FOLDER, as in base=$in/base`)
      made.push({ recipe, folder: resolve(cwd, folder) })
      for (const { name, version, files } of readOwned(resolve(cwd, folder))) {
        packages.set(name, packages.get(name) ?? { name, version, recipe })
        for (const path of files) if (!of.has(path)) of.set(path, name)
      }
    }
    for (const { recipe, folder } of made) {
      // A recipe may have the name of a package it carries.
      const name = packages.has(recipe) ? `${recipe} (recipe)` : recipe
      packages.set(name, { name, version: values.version, recipe })
      for (const { path } of walk(folder)) if (!of.has(path)) of.set(path, name)
    }
    const { board, version, profile, kernel } = values
    const head = { board, version, profile, kernel }
    const owners = { packages: [...packages.values()], of }
    const manifest = writeManifest(resolve(cwd, root), head, owners)
    writeFileSync(resolve(cwd, out), formatManifest(manifest))
    print(`${manifest.files.length} files of ${manifest.packages.length} packages`)
  },
}
