/**
 * Licences of a Debian package from its copyright file, when that is machine-readable (DEP-5, "the
 * 1.0 format"): paragraphs of fields, `Files` paragraphs with a `License` each, whose first line is a
 * short name, and `License` paragraphs with texts. A binary package may carry files of any of them,
 * so all that are named count.
 */
import { joined, spdxOf } from './license-names.ts'

/** A licence that SPDX has no id for, by its `LicenseRef-…`. */
export type ExtractedLicense = { readonly name: string; readonly text: string }

export type DeclaredLicense = {
  /** SPDX expression. */
  readonly expression: string
  readonly extracted: ReadonlyMap<string, ExtractedLicense>
}

/**
 * @param text  The file.
 * @param owner  Name that its own licences are told apart by: the source package.
 * @returns undefined when the file is written for people only, or names no licence.
 */
export function declaredLicense(text: string, owner: string): DeclaredLicense | undefined {
  const [header, ...paragraphs] = fieldsOf(text)
  if (!/copyright-format|dep-?5/i.test(header?.get('format') ?? '')) return undefined
  const texts = new Map<string, string>()
  for (const fields of [header!, ...paragraphs]) {
    const [name, body] = licenseField(fields)
    if (name !== '' && body !== '' && !texts.has(name)) texts.set(name, body)
  }
  const files = paragraphs.filter(fields => fields.has('files'))
  const named = (files.length > 0 ? files : [header!]).map(fields => licenseField(fields)[0])
  const extracted = new Map<string, ExtractedLicense>()
  const unknown = (name: string): string => {
    const id = `LicenseRef-${owner}-${name}`.replaceAll(/[^A-Za-z0-9.-]+/g, '-')
    extracted.set(id, { name, text: texts.get(name) ?? `See the copyright file of ${owner}.` })
    return id
  }
  const all = named.filter(name => name !== '').flatMap(name => spdxOf(name, unknown))
  return all.length === 0 ? undefined : { expression: joined(all), extracted }
}

/** Short name and text of a `License` field. */
function licenseField(fields: ReadonlyMap<string, string>): [name: string, text: string] {
  const [name = '', ...body] = (fields.get('license') ?? '').split('\n')
  // Lines are indented by a space; one with a full stop alone stands for an empty one.
  const text = body.map(line => (line === ' .' ? '' : line.replace(/^ /, '')))
  return [name.trim().replaceAll(/\s+/g, ' '), text.join('\n').trim()]
}

/** Paragraphs as fields; names in lower case, continuation lines kept. */
function fieldsOf(text: string): Map<string, string>[] {
  return text
    .replaceAll('\r', '')
    .split(/\n(?:[ \t]*\n)+/)
    .map(paragraph => {
      const fields = new Map<string, string>()
      for (const match of paragraph.matchAll(/^([!-9;-~]+):[ \t]*(.*(?:\n[ \t].*)*)/gm))
        fields.set(match[1]!.toLowerCase(), match[2]!)
      return fields
    })
    .filter(fields => fields.size > 0)
}
