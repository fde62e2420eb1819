/**
 * An inventory as SPDX 2.3 in JSON (ISO/IEC 5962, spdx.dev). Deterministic: times are the release
 * date, and the document's name space is made of its contents.
 */
import { sha256 } from '../engine/digest.ts'
import type { Component, Edge, Inventory } from './inventory.ts'

const UNSAID = 'NOASSERTION'

export type SpdxPackage = {
  readonly SPDXID: string
  readonly name: string
  readonly versionInfo: string
  readonly supplier: string
  readonly downloadLocation: string
  readonly filesAnalyzed: false
  readonly primaryPackagePurpose?: string
  readonly summary?: string
  readonly packageFileName?: string
  readonly checksums?: readonly { readonly algorithm: string; readonly checksumValue: string }[]
  readonly licenseConcluded: string
  readonly licenseDeclared: string
  readonly licenseComments?: string
  readonly copyrightText: string
  readonly externalRefs?: readonly {
    readonly referenceCategory: string
    readonly referenceType: string
    readonly referenceLocator: string
  }[]
}

export type SpdxDocument = {
  readonly spdxVersion: 'SPDX-2.3'
  readonly dataLicense: 'CC0-1.0'
  readonly SPDXID: 'SPDXRef-DOCUMENT'
  readonly name: string
  readonly documentNamespace: string
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] }
  readonly packages: readonly SpdxPackage[]
  readonly hasExtractedLicensingInfos: readonly {
    readonly licenseId: string
    readonly name: string
    readonly extractedText: string
  }[]
  readonly relationships: readonly SpdxRelationship[]
}

export type SpdxRelationship = {
  readonly spdxElementId: string
  readonly relationshipType: string
  readonly relatedSpdxElement: string
}

/** The whole that the components are parts of. */
export type Whole = {
  readonly name: string
  readonly version: string
  readonly about: string
  /** Of the disk image; undefined when the whole is no file. */
  readonly image?: { readonly file: string; readonly sha256: string }
  /** How recipes belong to it. */
  readonly has: 'CONTAINS' | 'BUILD_TOOL_OF'
}

/** The document's text. */
export function spdxText(inventory: Inventory, whole: Whole): string {
  const { context, project, components, edges } = inventory
  const top = 'SPDXRef-image'
  const packages = [wholePackage(top, whole, project.license), ...components.map(packageOf)]
  const recipes = components.filter(({ kind }) => kind === 'recipe').map(({ id }) => idOf(id))
  const relationships: SpdxRelationship[] = [
    relation('SPDXRef-DOCUMENT', 'DESCRIBES', top),
    ...recipes.map(id =>
      whole.has === 'CONTAINS' ? relation(top, whole.has, id) : relation(id, whole.has, top),
    ),
    ...edges.map(({ from, is, to }) => relation(idOf(from), RELATIONS[is], idOf(to))),
  ]
  const rest = {
    packages,
    hasExtractedLicensingInfos: [...inventory.extracted].map(([licenseId, { name, text }]) => ({
      licenseId,
      name,
      extractedText: text,
    })),
    relationships,
  }
  const hash = sha256(JSON.stringify(rest)).slice(0, 32)
  const document: SpdxDocument = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: whole.name,
    documentNamespace: `https://spdx.org/spdxdocs/${whole.name}-${whole.version}-${hash}`,
    creationInfo: {
      created: new Date(context.epoch * 1000).toISOString().replace('.000', ''),
      creators: [`Tool: bt-${whole.version}`],
    },
    ...rest,
  }
  return `${JSON.stringify(document, undefined, 1)}\n`
}

const RELATIONS: Readonly<Record<Edge['is'], string>> = {
  contains: 'CONTAINS',
  dependsOn: 'DEPENDS_ON',
  generatedFrom: 'GENERATED_FROM',
}

const relation = (from: string, is: string, to: string): SpdxRelationship => ({
  spdxElementId: from,
  relationshipType: is,
  relatedSpdxElement: to,
})

/** Letters, digits, `.` and `-` only; all else by its code, so that ids stay different. */
function idOf(id: string): string {
  const code = (c: string) =>
    c === ':' || c === '@' ? '-' : `-x${c.codePointAt(0)!.toString(16)}-`
  return `SPDXRef-${id.replaceAll(/[^A-Za-z0-9.-]/g, code)}`
}

function wholePackage(id: string, whole: Whole, license: string): SpdxPackage {
  const { name, version, about, image } = whole
  return {
    SPDXID: id,
    name,
    versionInfo: version,
    supplier: UNSAID,
    downloadLocation: UNSAID,
    filesAnalyzed: false,
    primaryPackagePurpose: image ? 'FIRMWARE' : 'OTHER',
    summary: about,
    ...(image && {
      packageFileName: image.file,
      checksums: [{ algorithm: 'SHA256', checksumValue: image.sha256 }],
    }),
    licenseConcluded: UNSAID,
    licenseDeclared: license,
    copyrightText: UNSAID,
  }
}

const PURPOSES: Readonly<Record<Component['kind'], string>> = {
  deb: 'LIBRARY',
  npm: 'LIBRARY',
  url: 'FILE',
  source: 'SOURCE',
  recipe: 'OTHER',
}

function packageOf(component: Component): SpdxPackage {
  const { id, kind, name, version, about, purl, cpe, pin, license, text } = component
  const [algorithm, checksumValue] = pin?.split(':') ?? []
  const refs = [
    purl && ['PACKAGE-MANAGER', 'purl', purl],
    cpe && ['SECURITY', 'cpe23Type', cpe],
  ].filter(ref => ref !== undefined && ref !== '') as string[][]
  return {
    SPDXID: idOf(id),
    name,
    versionInfo: version,
    supplier: kind === 'deb' || kind === 'source' ? 'Organization: Debian' : UNSAID,
    downloadLocation: UNSAID,
    filesAnalyzed: false,
    primaryPackagePurpose: PURPOSES[kind],
    ...(about !== undefined && { summary: about }),
    ...(algorithm && {
      checksums: [{ algorithm: algorithm.toUpperCase(), checksumValue: checksumValue! }],
    }),
    licenseConcluded: UNSAID,
    licenseDeclared: license ?? UNSAID,
    ...(text && { licenseComments: `Text: licenses/${text}` }),
    copyrightText: UNSAID,
    ...(refs.length > 0 && {
      externalRefs: refs.map(([category, type, locator]) => ({
        referenceCategory: category!,
        referenceType: type!,
        referenceLocator: locator!,
      })),
    }),
  }
}
