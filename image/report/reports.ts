/** The reports that a build leaves beside an image, by file name; all come from the graph. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../recipes/recipe.ts'
import { parseManifest } from '../disk/manifest.ts'
import { sha256 } from '../engine/digest.ts'
import type { SourceFile } from '../engine/sources.ts'
import { REPO } from '../paths.ts'
import type { EvaluatedRecipe } from '../recipe/check.ts'
import { describeCheckout } from './checkout.ts'
import { cyclonedxText } from './cyclonedx.ts'
import { enginePackages } from './engine-packages.ts'
import { LICENSES, PROVENANCE, SBOMS } from './files.ts'
import { imageInventory, toolInventory, type Project } from './inventory.ts'
import { formatRows, licenseRows } from './licenses.ts'
import { statementOf } from './provenance.ts'
import { spdxText, type Whole } from './spdx.ts'
import { openTexts } from './texts.ts'

export type Finished = {
  readonly context: Context
  /** Every recipe that the image needs, tools included. */
  readonly recipes: readonly EvaluatedRecipe[]
  /** What lay below `$src`, by recipe. */
  readonly sources: ReadonlyMap<string, readonly SourceFile[]>
  /** Folder of the tree of the recipe `root`. */
  readonly root: string
  /** Released files with their SHA-256, by name. */
  readonly files: ReadonlyMap<string, string>
}

/** @returns texts by file name, the statement of provenance last: it is about the others too. */
export async function reportsOf(finished: Finished): Promise<Map<string, string>> {
  const { context, root, files } = finished
  const recipes = new Map(finished.recipes.map(recipe => [recipe.name, recipe]))
  const sources = new Map([...recipes.keys()].map(name => [name, finished.sources.get(name) ?? []]))
  const { name, license } = JSON.parse(readFileSync(join(REPO, 'package.json'), 'utf8')) as Project
  const project = { name, license }
  const manifest = parseManifest(readFileSync(join(root, 'manifest.json'), 'utf8'))
  const texts = openTexts(join(root, 'licenses'))
  const evidence = { context, project, recipes, sources, manifest, texts }
  const image = imageInventory(evidence)
  const tools = toolInventory(evidence)

  const variant = `${name}-${context.board.name}-${context.profile}`
  const disk = 'blocktree.img'
  const whole: Whole = {
    name: variant,
    version: context.version,
    about: `firmware for ${context.board.about}`,
    image: { file: disk, sha256: files.get(disk)! },
    has: 'CONTAINS',
  }
  const builder: Whole = {
    name: `${variant}-tools`,
    version: context.version,
    about: `what ran to make ${variant}, and is not in it`,
    has: 'BUILD_TOOL_OF',
  }
  const reports = new Map([
    [SBOMS.spdx.image, spdxText(image, whole)],
    [SBOMS.spdx.tools, spdxText(tools, builder)],
    [SBOMS.cyclonedx.image, cyclonedxText(image, whole)],
    [SBOMS.cyclonedx.tools, cyclonedxText(tools, builder)],
    [LICENSES, formatRows(licenseRows(image))],
  ])
  const released = [...files, ...[...reports].map(([file, text]) => [file, sha256(text)] as const)]
  const statement = statementOf({
    context,
    checkout: await describeCheckout(sources.values()),
    sources: sources.values(),
    packages: enginePackages(),
    files: released
      .map(([name, sha256]) => ({ name, sha256 }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  })
  return reports.set(PROVENANCE, `${JSON.stringify(statement, undefined, 1)}\n`)
}
