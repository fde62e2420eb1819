/** Components of an inventory from what lay below `$src` of a recipe. */
import parseSpdx from 'spdx-expression-parse'
import { archOf } from '../debian/package.ts'
import type { SourceFile } from '../engine/sources.ts'
import type { EvaluatedRecipe } from '../recipe/check.ts'
import { declaredLicense, type ExtractedLicense } from './copyright.ts'
import type { Component } from './inventory.ts'
import { debianPurl, debianSourcePurl, npmPurl } from './purl.ts'
import type { Texts } from './texts.ts'

/** Packages that only wrap a program which is known by another name. */
const CPES: readonly (readonly [RegExp, (version: string) => string])[] = [
  [/^node-linux-/, version => `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`],
]

/**
 * @param texts  Where licences are found; undefined for what is not given to anybody.
 * @param extracted  Takes the licences without an SPDX id.
 * @returns undefined for files of the checkout, and for what the engine writes there itself.
 */
export function componentOf(
  { path, pin, origin }: SourceFile,
  recipe: EvaluatedRecipe,
  texts: Texts | undefined,
  extracted: Map<string, ExtractedLicense>,
): Component | undefined {
  const said = recipe.license === 'debian' ? undefined : recipe.license
  const own = recipe.sources.some(source => 'files' in source)
  const text = (name: string) => texts && { text: texts.find(name) ?? texts.find(recipe.name) }
  if (origin.kind === 'debian') {
    const { name, version, source } = origin.locked
    const found = text(name)
    const declared = found?.text && declaredLicense(texts!.read(found.text), source)
    if (declared) for (const [id, license] of declared.extracted) extracted.set(id, license)
    return {
      id: `deb:${name}:${archOf(origin.locked)}`,
      kind: 'deb',
      name,
      version,
      purl: debianPurl(origin.locked),
      pin,
      license: declared ? declared.expression : undefined,
      ...found,
    }
  }
  if (origin.kind === 'npm') {
    const { name, version, license } = origin.npm
    const cpe = CPES.find(([fits]) => fits.test(name))?.[1](version)
    return {
      id: `npm:${name}`,
      kind: 'npm',
      name,
      version,
      purl: npmPurl(name, version),
      ...(cpe !== undefined && { cpe }),
      pin,
      // A recipe with files of its own speaks of those.
      license: own ? spdx(license) : said,
      ...text(name),
    }
  }
  if (origin.kind === 'url') {
    const { name, version } = { name: path, version: recipe.version }
    return { id: `url:${path}`, kind: 'url', name, version, pin, license: said, ...text(path) }
  }
  return undefined
}

/** An expression, if SPDX knows all of it. */
function spdx(expression: string | undefined): string | undefined {
  try {
    parseSpdx(expression ?? '')
    return expression
  } catch {
    return undefined
  }
}

/** The source package that a Debian package was compiled from. */
export function sourceOf({ origin }: SourceFile): Component | undefined {
  if (origin.kind !== 'debian') return undefined
  const { source: name, sourceVersion: version } = origin.locked
  const purl = debianSourcePurl({ name, version })
  return { id: `source:${name}@${version}`, kind: 'source', name, version, purl }
}
