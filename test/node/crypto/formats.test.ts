/** docs/formats.md shows the bytes of the golden files, and tells what the code does. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { armor, Decrypter } from 'age-encryption'
import * as algorithms from '../../../node/crypto/algorithm.ts'
import { golden } from '../../golden/golden.ts'

const repo = join(import.meta.dirname, '../../..')
const document = readFileSync(join(repo, 'docs/formats.md'), 'utf8')

describe('docs/formats.md', () => {
  const shown = [...document.matchAll(/^```hex (\S+)\n([^]*?)^```$/gm)]

  it('shows files byte for byte', () => {
    assert.ok(shown.length >= 4, `${shown.length} files are shown`)
    for (const [, name = '', lines = ''] of shown) {
      const hex = lines.replaceAll(/#.*$/gm, '').replaceAll(/\s/g, '')
      assert.equal(hex, Buffer.from(golden(name)).toString('hex'), name)
    }
  })

  it('lists every algorithm under its number', () => {
    const rows = new Map(
      [...document.matchAll(/^\| `([0-9a-f]{2})` +\| ([a-z0-9-]+) +\|/gm)].map(row => [
        row[2],
        row[1],
      ]),
    )
    const { ED25519, ECDSA_P256, X25519, HPKE_P256, AES_256_GCM_ID } = algorithms
    const all = [
      ED25519,
      ECDSA_P256,
      X25519,
      HPKE_P256,
      { name: 'aes-256-gcm', id: AES_256_GCM_ID },
    ]
    assert.equal(rows.size, all.length)
    for (const { name, id } of all) assert.equal(rows.get(name), id.toString(16).padStart(2, '0'))
  })

  it('lists every signing domain there is', () => {
    const sources = readdirSync(join(repo, 'node'), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.ts') && !path.startsWith('web/'))
      .map(path => readFileSync(join(repo, 'node', path), 'utf8'))
    const domains = sources.flatMap(source =>
      [...source.matchAll(/\b(?:signedFormat|signingInput)\(\s*'([^']+)'/g)].map(
        match => match[1]!,
      ),
    )
    assert.ok(domains.includes('principal-record'))
    for (const domain of domains) assert.match(document, new RegExp(`^\\| \`${domain}\` +\\|`, 'm'))
  })

  it('names the principals of the example phrase', () => {
    const keys = JSON.parse(Buffer.from(golden('crypto/root-keys.json')).toString()) as {
      generation: number
      principal: string
    }[]
    for (const { generation, principal } of keys.slice(0, 2))
      assert.match(document, new RegExp(`^\\| ${generation} +\\| \`${principal}\` \\|$`, 'm'))
  })

  it('tells the passphrase of the golden backup, and its lines', async () => {
    const passphrase = /passphrase `([^`]+)`\./.exec(document)?.[1]
    const decrypter = new Decrypter()
    decrypter.addPassphrase(passphrase!)
    const file = armor.decode(Buffer.from(golden('crypto/root-backup.age')).toString())
    const text = await decrypter.decrypt(file, 'text')
    const lines = /```text\n([^]*?)```/.exec(document)![1]!
    const first = (content: string) => content.split('\n').map(line => line.split(' ')[0])
    assert.deepEqual(first(text), first(lines))
  })
})
