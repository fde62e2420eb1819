/** Names of the reports beside an image. */

/** Bills of materials: of the image, and of the tools that made it. */
export const SBOMS = {
  spdx: { image: 'sbom.spdx.json', tools: 'sbom-tools.spdx.json' },
  cyclonedx: { image: 'sbom.cdx.json', tools: 'sbom-tools.cdx.json' },
} as const

/** Packages with their licences, see licenses.ts. */
export const LICENSES = 'licenses.json'

/** Statement of provenance, see provenance.ts. */
export const PROVENANCE = 'provenance.intoto.json'
