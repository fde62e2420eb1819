/**
 * What an image consists of, from the graph that made it: recipes, the packages that each one carries,
 * what they were made from, their licences. Nothing is looked for in the image itself; which Debian
 * packages left something in the root says its manifest. The reports of this folder come from this.
 */
import type { Context } from '../../recipes/recipe.ts'
import type { Manifest } from '../disk/manifest.ts'
import type { SourceFile } from '../engine/sources.ts'
import type { EvaluatedRecipe } from '../recipe/check.ts'
import type { Pin } from '../fetch/store.ts'
import { componentOf, sourceOf } from './component.ts'
import type { ExtractedLicense } from './copyright.ts'
import type { Texts } from './texts.ts'

export type Component = {
  /** Unique: `deb:libc6:amd64`, `npm:NAME`, `url:FILE`, `source:glibc@2.41-12`, `recipe:base`. */
  readonly id: string
  readonly kind: 'deb' | 'npm' | 'url' | 'source' | 'recipe'
  readonly name: string
  readonly version: string
  readonly about?: string
  readonly purl?: string
  /** What databases of known faults call it, where they do not know the purl (CPE 2.3). */
  readonly cpe?: string
  /** Of the file it came in. */
  readonly pin?: Pin
  /** SPDX expression; undefined when nobody says it in a way that a machine can read. */
  readonly license?: string | undefined
  /** Path of its licence's text below `licenses/`; null when that is missing, undefined for what
   * consists of other components only. */
  readonly text?: string | null
}

export type Edge = {
  readonly from: string
  readonly is: 'contains' | 'dependsOn' | 'generatedFrom'
  readonly to: string
}

export type Inventory = {
  readonly context: Context
  readonly project: Project
  /** Sorted by id. */
  readonly components: readonly Component[]
  /** Between components, by their ids; sorted. */
  readonly edges: readonly Edge[]
  /** Licences that SPDX has no id for, by `LicenseRef-…`. */
  readonly extracted: ReadonlyMap<string, ExtractedLicense>
}

/** Name and licence of this repository. */
export type Project = { readonly name: string; readonly license: string }

/** What a build knows at its end. */
export type Evidence = {
  readonly context: Context
  readonly project: Project
  /** Every recipe that was needed, tools included. */
  readonly recipes: ReadonlyMap<string, EvaluatedRecipe>
  /** What lay below `$src`, by recipe. */
  readonly sources: ReadonlyMap<string, readonly SourceFile[]>
  readonly manifest: Manifest
  readonly texts: Texts
}

/** What is in the image; nothing that only helped to make it. */
export function imageInventory(evidence: Evidence): Inventory {
  const chosen = new Map<string, EvaluatedRecipe>()
  const choose = (name: string) => {
    const recipe = evidence.recipes.get(name)
    if (recipe === undefined || recipe.kind === 'tool' || chosen.has(name)) return
    chosen.set(name, recipe)
    recipe.needs.forEach(choose)
  }
  choose('image')
  return inventory(chosen, evidence, true)
}

/** What helped to make the image and is not in it. */
export function toolInventory(evidence: Evidence): Inventory {
  const tools = [...evidence.recipes].filter(([, recipe]) => recipe.kind === 'tool')
  return inventory(new Map(tools), evidence, false)
}

function inventory(
  recipes: ReadonlyMap<string, EvaluatedRecipe>,
  evidence: Evidence,
  shipped: boolean,
): Inventory {
  const components = new Map<string, Component>()
  const edges: Edge[] = []
  const extracted = new Map<string, ExtractedLicense>()
  const texts = shipped ? evidence.texts : undefined
  for (const [name, recipe] of recipes) {
    const id = `recipe:${name}`
    const sources = evidence.sources.get(name) ?? []
    const role = shipped ? roles(recipe, sources, evidence.manifest) : () => 'contains' as const
    const own = sources.some(({ origin }) => origin.kind === 'checkout')
    const said = recipe.license === 'debian' ? undefined : recipe.license
    components.set(id, {
      id,
      kind: 'recipe',
      name,
      version: recipe.version === 'debian' ? evidence.context.version : recipe.version,
      about: recipe.about,
      license: said ?? (own ? evidence.project.license : undefined),
      ...(own && texts && { text: texts.find(evidence.project.name) }),
    })
    for (const need of recipe.needs)
      if (recipes.has(need)) edges.push({ from: id, is: 'dependsOn', to: `recipe:${need}` })
    for (const file of sources) {
      const is = role(file)
      const component = is && componentOf(file, recipe, texts, extracted)
      if (!is || !component) continue
      components.set(component.id, component)
      edges.push({ from: id, is, to: component.id })
      const source = sourceOf(file)
      if (source === undefined) continue
      components.set(source.id, source)
      edges.push({ from: component.id, is: 'generatedFrom', to: source.id })
    }
  }
  const { context, project } = evidence
  return {
    context,
    project,
    components: sorted(components.values(), ({ id }) => id),
    edges: sorted(edges, ({ from, is, to }) => `${from} ${is} ${to}`),
    extracted: new Map(sorted(extracted, ([id]) => id)),
  }
}

/**
 * What a source is to its recipe: in it, or what its own files were made from, or nothing that is
 * left. Recipes without a file in the root are in the image by other ways, with all they have.
 */
function roles(
  recipe: EvaluatedRecipe,
  sources: readonly SourceFile[],
  manifest: Manifest,
): (file: SourceFile) => 'contains' | 'generatedFrom' | undefined {
  const left = new Set(manifest.packages.filter(p => p.recipe === recipe.name).map(p => p.name))
  const debs = sources.flatMap(({ origin }) => (origin.kind === 'debian' ? origin.locked.name : []))
  const makes = [...left].some(name => !debs.includes(name))
  return ({ origin }) => {
    if (origin.kind !== 'debian' || left.size === 0 || left.has(origin.locked.name))
      return 'contains'
    return makes ? 'generatedFrom' : undefined
  }
}

function sorted<T>(items: Iterable<T>, key: (item: T) => string): T[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}
