/**
 * What the SPDX specification 2.3 asks of a document, as far as ours use it: clauses 6 (document),
 * 7 (packages), 10 (licences), 11 (relationships) and annex D (licence expressions).
 */
import parseSpdx from 'spdx-expression-parse'
import type { SpdxDocument } from '../../../image/report/spdx.ts'

const HEX: Readonly<Record<string, number>> = { SHA256: 64, SHA512: 128 }
const PURPOSES =
  /^(APPLICATION|FRAMEWORK|LIBRARY|CONTAINER|OPERATING_SYSTEM|DEVICE|FIRMWARE|SOURCE|ARCHIVE|FILE|INSTALL|OTHER)$/
const RELATIONS = /^(DESCRIBES|CONTAINS|DEPENDS_ON|GENERATED_FROM|BUILD_TOOL_OF)$/

/** One line for each rule that is broken. */
export function spdxFaults(document: SpdxDocument): string[] {
  const faults: string[] = []
  const must = (fits: boolean, what: string) => void (fits || faults.push(what))
  const { creationInfo, packages, relationships, hasExtractedLicensingInfos: extracted } = document
  must(document.spdxVersion === 'SPDX-2.3', '6.1 version')
  must(document.dataLicense === 'CC0-1.0', '6.2 data licence')
  must(document.SPDXID === 'SPDXRef-DOCUMENT', '6.3 identifier')
  must(/^https:\/\/[^#\s]+$/.test(document.documentNamespace), '6.5 name space')
  must(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(creationInfo.created), '6.9 created')
  must(
    creationInfo.creators.every(by => /^(Tool|Person|Organization): \S/.test(by)),
    '6.8 creators',
  )
  const ids = new Set<string>([document.SPDXID])
  const refs = new Set<string>()
  for (const p of packages) {
    must(/^SPDXRef-[A-Za-z0-9.-]+$/.test(p.SPDXID), `7.2 ${p.SPDXID}`)
    must(!ids.has(p.SPDXID), `7.2 ${p.SPDXID} twice`)
    ids.add(p.SPDXID)
    must(p.name !== '' && p.versionInfo !== '', `7.1, 7.3 ${p.SPDXID}`)
    must(/^(NOASSERTION|(Person|Organization): \S.*)$/.test(p.supplier), `7.5 ${p.supplier}`)
    for (const { algorithm, checksumValue } of p.checksums ?? [])
      must(
        new RegExp(`^[0-9a-f]{${HEX[algorithm]}}$`).test(checksumValue),
        `7.10 ${p.SPDXID} ${algorithm}`,
      )
    must(PURPOSES.test(p.primaryPackagePurpose ?? 'OTHER'), `7.24 ${p.primaryPackagePurpose}`)
    for (const license of [p.licenseDeclared, p.licenseConcluded]) {
      must(expressionFits(license), `annex D ${license}`)
      for (const [ref] of license.matchAll(/LicenseRef-[A-Za-z0-9.-]+/g)) refs.add(ref)
    }
    for (const ref of p.externalRefs ?? [])
      must(
        ref.referenceType === 'purl'
          ? /^pkg:[a-z]+\/\S+@\S+$/.test(ref.referenceLocator)
          : /^cpe:2\.3:[aho](:[^:\s]+){10}$/.test(ref.referenceLocator),
        `7.21 ${ref.referenceLocator}`,
      )
  }
  const known = new Set(extracted.map(({ licenseId }) => licenseId))
  must(known.size === extracted.length, '10.1 identifiers are different')
  for (const ref of refs) must(known.has(ref), `10.1 ${ref} is not explained`)
  for (const { licenseId, extractedText } of extracted)
    must(refs.has(licenseId) && extractedText !== '', `10.2 ${licenseId}`)
  for (const r of relationships) {
    must(RELATIONS.test(r.relationshipType), `11.1 ${r.relationshipType}`)
    for (const id of [r.spdxElementId, r.relatedSpdxElement]) must(ids.has(id), `11.1 ${id}`)
  }
  const related = new Set(relationships.flatMap(r => [r.spdxElementId, r.relatedSpdxElement]))
  for (const id of ids) must(related.has(id), `${id} is related to nothing`)
  return faults
}

function expressionFits(license: string): boolean {
  if (license === 'NOASSERTION' || license === 'NONE') return true
  try {
    parseSpdx(license)
    return true
  } catch {
    return false
  }
}
