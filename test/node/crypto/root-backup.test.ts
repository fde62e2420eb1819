import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { inspect } from 'node:util'
import { armor, Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { systemRandom } from '../../../node/crypto/random.ts'
import { exportRoot, importRoot, PASSPHRASE_MIN } from '../../../node/crypto/root-backup.ts'
import { RootKey } from '../../../node/crypto/root-key.ts'
import { phraseOf } from '../../../node/crypto/root-phrase.ts'
import { flips, golden } from '../../golden/golden.ts'
import { ascii, repeatable } from './fixed.ts'

/** Enough to see that it works; real backups have 18. */
const CHEAP = 4
const PASSPHRASE = 'correct horse battery staple'
const PHRASE = phraseOf(repeatable('golden')(32))
const root = RootKey.fromPhrase(PHRASE, 3)
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const CONTENT =
  'blocktree root key 1\nprincipal k51qzi5uqu5di0gqz7bsobp4e6tp0zn7bc9jxbkqtdwlh4lpz17f17uyvy0xy4\n' +
  `generation 3\nphrase ${PHRASE}\n`

/** An age file with any content, made by the library's own means. */
async function ageFile(
  content: string,
  passphrase = PASSPHRASE,
  logN = CHEAP,
): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  encrypter.setPassphrase(passphrase)
  encrypter.setScryptWorkFactor(logN)
  return encrypter.encrypt(content)
}

const file = golden(
  'crypto/root-backup.age',
  await exportRoot(root, PASSPHRASE, systemRandom, CHEAP),
)
const content = await (async () => {
  const decrypter = new Decrypter()
  decrypter.addPassphrase(PASSPHRASE)
  return decrypter.decrypt(armor.decode(text(file)), 'text')
})()

describe('a backup of a root key', () => {
  it('opens from the golden file', async () => {
    const back = await importRoot(file, PASSPHRASE)
    assert.equal(back.phrase(), PHRASE)
    assert.equal(back.generation, 3)
  })

  it('opens with the library’s own passphrases, and shows what the documents say', () => {
    assert.match(content, /^blocktree root key 1\nprincipal k51\w+\ngeneration 3\nphrase \w+/)
    assert.equal(content.replace(/k51\w+/, ''), CONTENT.replace(/k51\w+/, ''))
  })

  it('made by others opens, armored or not, with lines ended as on Windows', async () => {
    const binary = await ageFile(content)
    const armored = armor.encode(binary)
    const forms = [
      binary,
      ascii(armored),
      ascii(armored.replaceAll('\n', '\r\n')),
      ascii(`\n${armored}\n`),
    ]
    for (const form of forms) assert.equal((await importRoot(form, PASSPHRASE)).phrase(), PHRASE)
  })

  it('goes out and comes back, whatever the passphrase', async () => {
    for (const passphrase of ['x'.repeat(PASSPHRASE_MIN), 'Grüße an 世界 und 🌳', ' '.repeat(20)]) {
      const made = await exportRoot(root, passphrase, systemRandom, CHEAP)
      assert.match(text(made), /^-----BEGIN AGE ENCRYPTED FILE-----\n[\w+/=\n]+-----END/)
      assert.equal((await importRoot(made, passphrase)).phrase(), PHRASE)
    }
  })

  it('with the work that real backups have opens', async () => {
    const made = await exportRoot(root, PASSPHRASE, systemRandom)
    assert.match(text(armor.decode(text(made))), /^age-encryption.org\/v1\n-> scrypt \S{22} 18\n/)
    assert.equal((await importRoot(made, PASSPHRASE)).generation, 3)
  })

  for (const passphrase of ['', 'short', 'x'.repeat(PASSPHRASE_MIN - 1), '🌳'.repeat(5)])
    it(`is not made with a passphrase of ${[...passphrase].length} characters`, async () => {
      await assert.rejects(exportRoot(root, passphrase, systemRandom, CHEAP), {
        name: 'RootError',
        code: 'ROOT_PASSPHRASE_SHORT',
      })
    })
})

describe('a backup is refused:', () => {
  const refuses = (bytes: Uint8Array, code: string, message?: RegExp, passphrase = PASSPHRASE) =>
    assert.rejects(importRoot(bytes, passphrase), (error: Error & { code: string }) => {
      assert.equal(error.name, 'RootError')
      assert.equal(error.code, code, error.message)
      if (message) assert.match(error.message, message)
      const shown = inspect(error, { showHidden: true, depth: 9 })
      for (const secret of [passphrase, PHRASE, PHRASE.split(' ')[0]!])
        if (secret !== '') assert.ok(!shown.includes(secret), shown)
      return true
    })

  it('another passphrase', async () => {
    for (const wrong of ['', 'Correct horse battery staple', `${PASSPHRASE} `])
      await refuses(file, 'ROOT_PASSPHRASE_WRONG', /check how it is typed/, wrong)
  })

  it('any cut', async () => {
    const binary = armor.decode(text(file))
    for (let length = 23; length < binary.length; length += 1)
      await refuses(binary.subarray(0, length), 'ROOT_FILE_DAMAGED')
    for (let length = 20; length < file.length - 1; length += 7)
      await refuses(file.subarray(0, length), 'ROOT_FILE_DAMAGED')
  })

  it('any flipped bit, or it is the same key still', async () => {
    const binary = armor.decode(text(file))
    const codes = new Map<string, number>()
    // Of the armor one bit in five: its letters are the bytes that are flipped one and all.
    const armored = [...flips(file)].filter(({ bit }) => bit % 5 === 0)
    for (const { bad } of [...armored, ...flips(binary)]) {
      const code = await importRoot(bad, PASSPHRASE).then(
        back => {
          assert.equal(back.phrase(), PHRASE)
          return 'same'
        },
        (error: { code: string }) => error.code,
      )
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    const known = ['same', 'ROOT_FILE_DAMAGED', 'ROOT_FILE_FOREIGN', 'ROOT_FILE_VERSION']
    const rest = [...codes.keys()].filter(code => !known.includes(code)).sort()
    // Damage to the salt or the wrapped key looks like another passphrase: nothing tells them apart.
    assert.deepEqual(rest, ['ROOT_PASSPHRASE_WRONG'])
    // White space around the armor means nothing; a flipped bit makes it other white space.
    assert.ok((codes.get('same') ?? 0) <= 8, `${codes.get('same')} flips made no difference`)
  })

  it('damage to the content is not taken for another passphrase', async () => {
    const binary = armor.decode(text(file))
    binary[binary.length - 1]! ^= 1
    await refuses(binary, 'ROOT_FILE_DAMAGED')
  })

  const header = (stanza: string) =>
    ascii(`age-encryption.org/v1\n${stanza}\n--- ${'A'.repeat(43)}\n`)
  const salt = 'A'.repeat(22)
  const body = 'A'.repeat(43)

  for (const logN of [19, 22, 40, 64, 999_999_999])
    it(`work factor ${logN}, before any work is done`, () =>
      refuses(header(`-> scrypt ${salt} ${logN}\n${body}`), 'ROOT_FILE_COSTLY', /work factor/))

  it('more work than the caller allows, though a backup may have it', async () => {
    const made = await ageFile(content, PASSPHRASE, 5)
    await assert.rejects(importRoot(made, PASSPHRASE, 4), { code: 'ROOT_FILE_COSTLY' })
    assert.equal((await importRoot(made, PASSPHRASE, 5)).phrase(), PHRASE)
  })

  const STANZAS: [what: string, stanza: string, code: string][] = [
    ['no work factor', `-> scrypt ${salt}\n${body}`, 'ROOT_FILE_DAMAGED'],
    ['work factor 0', `-> scrypt ${salt} 0\n${body}`, 'ROOT_FILE_DAMAGED'],
    ['a work factor with a zero before it', `-> scrypt ${salt} 04\n${body}`, 'ROOT_FILE_DAMAGED'],
    ['a negative work factor', `-> scrypt ${salt} -4\n${body}`, 'ROOT_FILE_DAMAGED'],
    [
      'a work factor of many digits',
      `-> scrypt ${salt} ${'9'.repeat(400)}\n${body}`,
      'ROOT_FILE_DAMAGED',
    ],
    ['a short salt', `-> scrypt AAAA 4\n${body}`, 'ROOT_FILE_DAMAGED'],
    ['a salt with bits left over', `-> scrypt ${'A'.repeat(21)}B 4\n${body}`, 'ROOT_FILE_DAMAGED'],
    ['a short key', `-> scrypt ${salt} 4\nAAAA`, 'ROOT_FILE_DAMAGED'],
    ['one word more', `-> scrypt ${salt} 4 4\n${body}`, 'ROOT_FILE_DAMAGED'],
    [
      'two passphrases',
      `-> scrypt ${salt} 4\n${body}\n-> scrypt ${salt} 4\n${body}`,
      'ROOT_FILE_FOREIGN',
    ],
    ['an unknown recipient', `-> other ${salt}\n${body}`, 'ROOT_FILE_FOREIGN'],
    ['a line that is none', 'nonsense', 'ROOT_FILE_DAMAGED'],
  ]
  for (const [what, stanza, code] of STANZAS)
    it(`${what}: ${code}`, () => refuses(header(stanza), code))

  it('a file for a key instead of a passphrase', async () => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(await identityToRecipient(await generateIdentity()))
    await refuses(await encrypter.encrypt(content), 'ROOT_FILE_FOREIGN', /for other recipients/)
  })

  it('files that are something else', async () => {
    for (const other of ['', 'hello', PHRASE.slice(0, 0), '%PDF-1.7\n', '\0'.repeat(100)])
      await refuses(ascii(other), 'ROOT_FILE_FOREIGN')
    await refuses(new Uint8Array(65 * 1024), 'ROOT_FILE_FOREIGN', /has 66560 bytes/)
    await refuses(await ageFile('my diary'), 'ROOT_FILE_FOREIGN', /inside is no root key/)
  })

  it('other versions, of age or of the root key, each with its number', async () => {
    const next = ascii(text(armor.decode(text(file)).subarray(0, 0)) + 'age-encryption.org/v2\n')
    await refuses(next, 'ROOT_FILE_VERSION', /of age version 2/)
    const newer = await ageFile(content.replace('key 1', 'key 2'))
    await refuses(newer, 'ROOT_FILE_VERSION', /root key is of version 2/)
  })

  const CONTENTS: [what: string, change: (content: string) => string][] = [
    ['another principal', text => text.replace(/k51\w/, 'k510')],
    ['another generation', text => text.replace('generation 3', 'generation 4')],
    ['a generation with a zero before it', text => text.replace('generation 3', 'generation 03')],
    ['two words exchanged', text => text.replace(/phrase (\w+) (\w+)/, 'phrase $2 $1')],
    ['a word less', text => text.replace(/ \w+\n$/, '\n')],
    ['two spaces', text => text.replace('phrase ', 'phrase  ')],
    ['no last line feed', text => text.trimEnd()],
    ['a line more', text => `${text}more 1\n`],
    ['lines exchanged', text => text.replace(/(principal .*\n)(generation .*\n)/, '$2$1')],
  ]
  for (const [what, change] of CONTENTS)
    it(`${what}, under the right passphrase`, async () => {
      assert.notEqual(change(content), content)
      await refuses(await ageFile(change(content)), 'ROOT_FILE_DAMAGED')
    })
})

describe('the ordinary age program', () => {
  const have = (name: string) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
  const missing = ['age', 'script'].filter(name => !have(name))
  const skip = missing.length > 0 && `${missing.join(' and ')} not installed here`
  const folder = mkdtempSync(join(tmpdir(), 'age-'))
  after(() => rmSync(folder, { recursive: true }))

  /** `age` asks at the terminal only: `script` makes one and types the passphrase as asked. */
  function age(args: string): string {
    const answers = `${PASSPHRASE}\n${PASSPHRASE}\n`
    const command = `age ${args}`
    const options = { cwd: folder, input: answers, encoding: 'utf8', timeout: 120_000 } as const
    const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], options)
    assert.equal(status, 0, stdout)
    return stdout
  }

  it('opens a backup', { skip }, async () => {
    writeFileSync(join(folder, 'root.age'), file)
    age('-d -o root.txt root.age')
    assert.equal(readFileSync(join(folder, 'root.txt'), 'utf8'), content)
  })

  it('makes a file that is a backup', { skip }, async () => {
    writeFileSync(join(folder, 'plain.txt'), content)
    chmodSync(join(folder, 'plain.txt'), 0o600)
    age('-p -o made.age plain.txt')
    const back = await importRoot(readFileSync(join(folder, 'made.age')), PASSPHRASE)
    assert.equal(back.phrase(), PHRASE)
  })
})
