/**
 * Who must be given which licence text: `licenses.json` beside an image, one line a package, and one
 * file with all texts. Packages with the same text share it; the common texts that Debian's files
 * refer to (`/usr/share/common-licenses/GPL-2`) follow once each.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Component, Inventory } from './inventory.ts'

export type LicenseRow = {
  readonly name: string
  readonly version: string
  /** SPDX expression; null when only its text says it. */
  readonly license: string | null
  /** Path of the text below the folder `licenses`; null when it is missing. */
  readonly text: string | null
}

export class LicenseError extends Error {
  readonly code = 'LICENSE_TEXT_MISSING'
  constructor(message: string) {
    super(message)
    this.name = 'LicenseError'
  }
}

/** Rows by name; what recipes of this repository make themselves is one of them. */
export function licenseRows({ components, context, project }: Inventory): LicenseRow[] {
  const rows = components
    .filter(({ kind, text }) => kind !== 'recipe' && text !== undefined)
    .map(row)
  const own = components.find(({ kind, text }) => kind === 'recipe' && text !== undefined)
  if (own) rows.push(row({ ...own, ...project, version: context.version }))
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1))
}

const row = (of: Component): LicenseRow => ({
  name: of.name,
  version: of.version,
  license: of.license ?? null,
  text: of.text ?? null,
})

/** The text of `licenses.json`. */
export function formatRows(rows: readonly LicenseRow[]): string {
  return `[\n${rows.map(one => ` ${JSON.stringify(one)}`).join(',\n')}\n]\n`
}

/**
 * Everything in one text.
 *
 * @param folder  The folder `licenses`.
 * @throws {LicenseError} naming every package without a text.
 */
export function allTexts(rows: readonly LicenseRow[], folder: string): string {
  const without = rows.filter(({ text }) => text === null).map(({ name }) => name)
  if (without.length > 0)
    throw new LicenseError(
      `${without.length} packages have no licence text: ${without.join(', ')}; have their recipe ` +
        'put it into $out/usr/share/doc/NAME/copyright',
    )
  const groups = Map.groupBy(rows, ({ text }) => readFileSync(join(folder, text!), 'utf8'))
  const sections = [...groups].map(([text, of]) => {
    const names = of.map(({ name, version }) => `${name} ${version}`)
    return section(names, text)
  })
  const named = [...groups.keys()].flatMap(text =>
    [...text.matchAll(/\/usr\/share\/common-licenses\/([A-Za-z0-9.-]*[A-Za-z0-9])/g)].map(
      m => m[1]!,
    ),
  )
  const common = [...new Set(named)].sort().map(name => {
    const path = join('common-licenses', name)
    return section([`/usr/share/${path}`], readFileSync(join(folder, path), 'utf8'))
  })
  return [...sections, ...common].join('\n')
}

function section(names: readonly string[], text: string): string {
  const line = '='.repeat(80)
  return `${line}\n${names.join('\n')}\n${line}\n\n${text.trim()}\n`
}
