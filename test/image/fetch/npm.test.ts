/** npm packages by the lock file, fetched by the real npm from a registry on the loopback. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { fetchNpm, npmPin } from '../../../image/fetch/npm.ts'
import { openStore, type Store } from '../../../image/fetch/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'npm-'))
const tarball = makeTarball('genuine')
const integrity = (bytes: Buffer) => `sha512-${hash('sha512', bytes, 'base64')}`

/** What the registry says and sends; `null`: it has no such package. */
let offer: { bytes: Buffer; integrity: string } | null
let asked = 0

const server = createServer((request, response) => {
  asked++
  const uri = `http://${request.headers.host}/`
  if (offer === null) return void response.writeHead(404).end('{"error":"not found"}')
  if (request.url?.endsWith('.tgz')) return void response.end(offer.bytes)
  const dist = { tarball: `${uri}thing/-/thing-1.2.3.tgz`, integrity: offer.integrity }
  const version = { name: '@scope/thing', version: '1.2.3', dist }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ name: '@scope/thing', versions: { '1.2.3': version } }))
})

function makeTarball(text: string): Buffer {
  const tree = join(folder, 'tree')
  mkdirSync(join(tree, 'package'), { recursive: true })
  const about = { name: '@scope/thing', version: '1.2.3', description: text }
  writeFileSync(join(tree, 'package/package.json'), JSON.stringify(about))
  return execFileSync('tar', ['-cz', '-C', tree, 'package'])
}

function lockFile(entry: object): string {
  const file = join(folder, 'package-lock.json')
  writeFileSync(file, JSON.stringify({ packages: { 'node_modules/@scope/thing': entry } }))
  return file
}

describe('npm packages', () => {
  let store: Store
  let number = 0
  before(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    process.env['npm_config_registry'] = `http://127.0.0.1:${port}/`
    process.env['npm_config_fetch_retries'] = '0'
    process.env['npm_config_update_notifier'] = 'false'
  })
  beforeEach(() => {
    process.env['npm_config_cache'] = join(folder, `cache-${++number}`)
    store = openStore(join(folder, `store-${number}`))
    offer = { bytes: tarball, integrity: integrity(tarball) }
    asked = 0
  })
  after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  const pin = npmPin('@scope/thing', lockFile({ version: '1.2.3', integrity: integrity(tarball) }))

  it('are pinned by the lock file', () => {
    const hex = hash('sha512', tarball)
    assert.deepEqual(pin, { name: '@scope/thing', version: '1.2.3', pin: `sha512:${hex}` })
  })

  it('are fetched once and then found', async () => {
    const file = await fetchNpm(pin, { store })
    assert.deepEqual(readFileSync(file), tarball)
    const before = asked
    assert.ok(before > 0)
    assert.equal(await fetchNpm(pin, { store }), file)
    assert.equal(asked, before)
  })

  it('are refused when the registry has others under the same version', async () => {
    const bytes = makeTarball('changed')
    offer = { bytes, integrity: integrity(bytes) }
    await assert.rejects(fetchNpm(pin, { store }), { code: 'FETCH_NOT_AUTHENTIC' })
    offer = { bytes, integrity: integrity(tarball) }
    await assert.rejects(fetchNpm(pin, { store }), { code: 'FETCH_NOT_AUTHENTIC' })
    assert.equal(await store.has(pin.pin), undefined)
  })

  it('are missed by name', async () => {
    offer = null
    await assert.rejects(fetchNpm(pin, { store }), {
      code: 'FETCH_GONE',
      message: /@scope\/thing@1\.2\.3/,
    })
  })

  it('say that the registry is out of reach', async () => {
    const registry = process.env['npm_config_registry']
    process.env['npm_config_registry'] = 'http://127.0.0.1:9/'
    await assert.rejects(fetchNpm(pin, { store }), { code: 'FETCH_UNREACHABLE' })
    process.env['npm_config_registry'] = registry
  })

  const unpinned: [string, object][] = [
    ['no version', { integrity: integrity(tarball) }],
    ['no integrity', { version: '1.2.3' }],
    ['a weak hash only', { version: '1.2.3', integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
    ['a cut hash', { version: '1.2.3', integrity: integrity(tarball).slice(0, 60) }],
  ]
  for (const [what, entry] of unpinned)
    it(`are refused with ${what} in the lock file`, () =>
      assert.throws(() => npmPin('@scope/thing', lockFile(entry)), { code: 'FETCH_NOT_PINNED' }))

  it('are refused when the lock file has none of that name', () =>
    assert.throws(() => npmPin('other'), { code: 'FETCH_NOT_PINNED', message: /npm install/ }))
})
