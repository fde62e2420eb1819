/** Using a key for what it is not made for does not compile. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'

const repo = join(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'misuse-'))
after(() => rmSync(folder, { recursive: true }))

const HEAD = `
import type { SigningInput } from '${repo}/node/codec/signing.ts'
import type { CredentialStore } from '${repo}/node/crypto/credential-store.ts'
import { agreement } from '${repo}/node/crypto/dhkem.ts'
import { sealTo } from '${repo}/node/crypto/hpke.ts'
import { parsePrincipal, principalOf, type Principal } from '${repo}/node/crypto/principal.ts'
import type { PrivateKey } from '${repo}/node/crypto/private-key.ts'
import type { PublicKey } from '${repo}/node/crypto/public-key.ts'
import { seal } from '${repo}/node/crypto/seal.ts'
import { sign, verify } from '${repo}/node/crypto/sign.ts'
import type { SymmetricKey } from '${repo}/node/crypto/symmetric-key.ts'
declare const signing: PrivateKey<'sign'>
declare const decrypting: PrivateKey<'decrypt'>
declare const input: SigningInput
declare const bytes: Uint8Array
declare const random: (length: number) => Uint8Array
declare const store: CredentialStore
declare const symmetric: SymmetricKey
export const used = [sign, verify, sealTo, agreement, principalOf, parsePrincipal, seal, bytes]
`
const RIGHT = [
  'sign(signing, input)',
  'verify(signing.publicKey, input, bytes)',
  'sealTo(decrypting.publicKey, { info: bytes }, bytes, random)',
  'agreement(decrypting)',
  'principalOf(signing.publicKey)',
  'const p: Principal = parsePrincipal("k51")',
  'seal(symmetric, bytes, bytes, random)',
  'store.sign(input)',
]
const WRONG = [
  'sign(decrypting, input)',
  'sign(signing.publicKey, input)',
  'sign(signing, bytes)',
  'verify(decrypting.publicKey, input, bytes)',
  'verify(signing, input, bytes)',
  'verify(signing.publicKey, bytes, bytes)',
  'sealTo(signing.publicKey, { info: bytes }, bytes, random)',
  'sealTo(decrypting, { info: bytes }, bytes, random)',
  'sealTo(decrypting.publicKey, {}, bytes, random)',
  'agreement(signing)',
  'principalOf(decrypting.publicKey)',
  'const p: Principal = "k51"',
  'const k: PublicKey<"sign"> = decrypting.publicKey',
  'const k: PrivateKey<"decrypt"> = signing',
  'const k: PrivateKey<"sign"> = { publicKey: signing.publicKey } as const',
  'seal(signing, bytes, bytes, random)',
  'seal(bytes, bytes, bytes, random)',
  'store.sign(bytes)',
  'store.privateKey',
]

describe('the types of keys', () => {
  const files = [...RIGHT, ...WRONG].map((line, i) => {
    const file = join(folder, `line-${i}.ts`)
    writeFileSync(file, `${HEAD}${line}\n`)
    return file
  })
  const config = {
    extends: join(repo, 'tsconfig.json'),
    compilerOptions: { typeRoots: [join(repo, 'node_modules/@types')], noUnusedLocals: false },
    files,
    include: [],
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(repo, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '--noEmit', '--pretty', 'false', '-p', folder]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const last = HEAD.split('\n').length

  it('were looked at by the compiler', () => {
    assert.equal(stderr, '')
    assert.match(stdout, /error TS/)
  })
  const errors = (i: number) => stdout.split('\n').filter(line => line.includes(`line-${i}.ts(`))

  RIGHT.forEach((line, i) =>
    it(`allow ${line}`, () => {
      assert.deepEqual(errors(i), [])
    }),
  )
  WRONG.forEach((line, i) =>
    it(`refuse ${line}`, () => {
      const found = errors(RIGHT.length + i)
      assert.equal(found.length, 1, found.join('\n'))
      assert.match(
        found[0]!,
        new RegExp(`ts\\(${last},\\d+\\): error TS2(322|345|339|739|740|741)`),
      )
    }),
  )
})
