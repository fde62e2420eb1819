import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/certificates.ts'
import { steps, type Steps } from './call.ts'

/** Self-signed, P-256, valid for a hundred years; the keys were thrown away. */
const GOLDEN = join(import.meta.dirname, '../../golden/certificates')

describe('certificates', () => {
  let s: Steps
  beforeEach(() => {
    s = steps()
    mkdirSync(s.at('in'))
  })
  afterEach(() => s.end())
  const add = (name: string, as = name) => copyFileSync(join(GOLDEN, `${name}.crt`), s.at('in', as))

  it('joins them in the order of their names, whatever else is in the folder', async () => {
    add('two', 'a.crt')
    add('one', 'b.crt')
    add('one', 'readme.txt')
    assert.deepEqual(await s.call(verb, 'in out/etc/all.pem'), ['2 certificates'])
    const pems = readFileSync(s.at('out/etc/all.pem'), 'utf8').split(/(?<=END CERTIFICATE-----\n)/)
    assert.deepEqual(
      pems.map(pem => new X509Certificate(pem).subject),
      ['CN=test two', 'CN=test one'],
    )
  })

  it('takes DER too, and drops what stands around a certificate', async () => {
    const { raw } = new X509Certificate(readFileSync(join(GOLDEN, 'one.crt')))
    writeFileSync(s.at('in/a.crt'), raw)
    await s.call(verb, 'in all.pem')
    const der = readFileSync(s.at('all.pem'), 'utf8')
    const pem = readFileSync(join(GOLDEN, 'one.crt'), 'utf8')
    writeFileSync(s.at('in/a.crt'), `Issuer: somebody\n${pem}`)
    await s.call(verb, 'in all.pem')
    assert.deepEqual([readFileSync(s.at('all.pem'), 'utf8'), der], [pem, pem])
  })

  it('refuses none, what is no certificate, and another number of words', async () => {
    await assert.rejects(async () => s.call(verb, 'in all.pem'), /in holds no \.crt files/)
    writeFileSync(s.at('in/bad.crt'), 'no certificate')
    await assert.rejects(async () => s.call(verb, 'in all.pem'), /bad\.crt is no certificate: /)
    for (const line of ['', 'in', 'in out more'])
      await assert.rejects(async () => s.call(verb, line), /expected: certificates FOLDER BUNDLE/)
  })
})
