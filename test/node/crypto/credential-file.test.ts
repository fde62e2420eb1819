import assert from 'node:assert/strict'
import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import * as dagCbor from '@ipld/dag-cbor'
import { signingInput } from '../../../node/codec/signing.ts'
import { join as joinBytes } from '../../../node/crypto/bytes.ts'
import { createCredentialFile, openCredentialFile } from '../../../node/crypto/credential-file.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { flips, golden } from '../../golden/golden.ts'
import { compliance } from './credential-store.compliance.ts'
import { ascii, CURVES, repeatable } from './fixed.ts'
import { expectNoSecret } from './spellings.ts'

const folder = mkdtempSync(join(tmpdir(), 'credentials-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0
const fresh = () => join(folder, `${files++}`, 'node', 'credentials')

type Body = Record<'sign' | 'decrypt' | 'record', Uint8Array>
const START = ascii('blocktree credentials 1\n')
const bodyOf = (file: Uint8Array) => dagCbor.decode(Uint8Array.from(file.subarray(56))) as Body
const fileOf = (body: unknown, start: Uint8Array = START) => {
  const encoded = Uint8Array.from(dagCbor.encode(body))
  return joinBytes(start, sha256(encoded), encoded)
}

for (const [curve, algorithms] of Object.entries(CURVES)) {
  let path: string
  compliance(`a file with keys on ${curve}`, {
    create: () => createCredentialFile((path = fresh()), algorithms, systemRandom),
    reopen: () => openCredentialFile(path),
    secrets: () => {
      const { sign, decrypt } = bodyOf(readFileSync(path))
      return [sign.subarray(1), decrypt.subarray(1)]
    },
  })
}

describe('a credential file', async () => {
  const algorithms = CURVES['25519']
  const made = fresh()
  const store = await createCredentialFile(made, algorithms, repeatable('file'))
  const file = golden('crypto/credentials.bin', readFileSync(made))
  const place = (bytes: Uint8Array) => {
    const path = join(folder, `placed-${files++}`)
    writeFileSync(path, bytes, { mode: 0o600 })
    return path
  }

  it('is as the golden file, which opens', async () => {
    assert.deepEqual(new Uint8Array(readFileSync(made)), file)
    assert.equal((await openCredentialFile(place(file))).principal, store.principal)
  })

  it('can be read by its owner only, in a folder that only he can enter', async () => {
    const path = fresh()
    const mask = process.umask(0)
    try {
      await createCredentialFile(path, algorithms, systemRandom)
    } finally {
      process.umask(mask)
    }
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
    assert.deepEqual(readdirSync(join(path, '..')), ['credentials'])
  })

  for (const mode of [0o640, 0o604, 0o660, 0o610])
    it(`of mode ${mode.toString(8)} is refused`, async () => {
      const path = place(file)
      chmodSync(path, mode)
      await assert.rejects(openCredentialFile(path), {
        name: 'CredentialError',
        code: 'CREDENTIALS_EXPOSED',
        message: new RegExp(`has mode ${mode.toString(8)} `),
      })
    })

  it('is never overwritten, and nothing is left beside it', async () => {
    const path = fresh()
    await createCredentialFile(path, algorithms, systemRandom)
    const before = readFileSync(path)
    await assert.rejects(createCredentialFile(path, algorithms, systemRandom), {
      name: 'CredentialError',
      code: 'CREDENTIALS_EXIST',
    })
    assert.deepEqual(readFileSync(path), before)
    assert.deepEqual(readdirSync(join(path, '..')), ['credentials'])
  })

  it('is made by one of two that try at once', async () => {
    const path = fresh()
    const both = await Promise.allSettled(
      [0, 1].map(() => createCredentialFile(path, algorithms, systemRandom)),
    )
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    const [one] = both.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
    assert.equal((await openCredentialFile(path)).principal, one!.principal)
  })

  it('that could not be written leaves nothing, and the system’s own error', async () => {
    const path = fresh()
    mkdirSync(join(path, '..', '..'), { recursive: true })
    writeFileSync(join(path, '..'), 'a file where the folder should be')
    await assert.rejects(createCredentialFile(path, algorithms, systemRandom), { code: 'EEXIST' })
    assert.ok(!existsSync(path))
  })

  it('once closed says what to do', async () => {
    const opened = await openCredentialFile(place(file))
    await opened.close()
    await assert.rejects(opened.sign(signingInput('test', ascii('x'))), {
      code: 'CREDENTIALS_CLOSED',
      message: /open the store again$/,
    })
  })

  it('that is not there is named', async () => {
    await assert.rejects(openCredentialFile(join(folder, 'none')), {
      name: 'CredentialError',
      code: 'CREDENTIALS_MISSING',
    })
  })

  it('of another version is named, with the version', async () => {
    const { sign, decrypt, record } = bodyOf(file)
    const start = ascii('blocktree credentials 2\n')
    await assert.rejects(openCredentialFile(place(fileOf({ sign, decrypt, record }, start))), {
      name: 'CredentialError',
      code: 'CREDENTIALS_VERSION',
      message: /is of version 2, this program reads 1/,
    })
  })

  it('with any bit flipped, or cut, is refused, and no message holds a key', async () => {
    const { sign, decrypt } = bodyOf(file)
    const path = place(file)
    const fd = openSync(path, 'r+')
    const cut = Array.from(file.keys(), length => file.subarray(0, length))
    for (const bad of [
      ...[...flips(file)].map(({ bad }) => bad),
      ...cut,
      joinBytes(file, ascii('x')),
    ]) {
      // Written in place: ext4 flushes a file that is truncated to nothing first.
      writeSync(fd, bad, 0, bad.length, 0)
      ftruncateSync(fd, bad.length)
      await assert.rejects(openCredentialFile(path), (error: Error & { code: string }) => {
        assert.match(error.code, /^CREDENTIALS_(DAMAGED|VERSION)$/)
        expectNoSecret(`${error.stack}`, sign.subarray(1))
        expectNoSecret(`${error.stack}`, decrypt.subarray(1))
        return true
      })
    }
    closeSync(fd)
  })

  const damaged = { name: 'CredentialError', code: 'CREDENTIALS_DAMAGED' }
  const mine = bodyOf(file)
  const WRONG: [what: string, body: object][] = [
    ['a record of other keys', { ...mine, record: golden('crypto/principal-record-25519.cbor') }],
    ['a private key of no algorithm', { ...mine, sign: new Uint8Array(33) }],
    ['its keys exchanged', { ...mine, sign: mine.decrypt, decrypt: mine.sign }],
    [
      'another decrypting key',
      { ...mine, decrypt: Uint8Array.from(mine.decrypt, (b, i) => (i === 5 ? b ^ 1 : b)) },
    ],
    ['a field too many', { ...mine, more: 1 }],
    ['a field too few', { sign: mine.sign, decrypt: mine.decrypt }],
  ]
  for (const [what, body] of WRONG)
    it(`with ${what} is damaged, even when its check sum is right`, async () => {
      await assert.rejects(openCredentialFile(place(fileOf(body))), damaged)
    })
})
