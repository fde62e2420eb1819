import assert from 'node:assert/strict'
import { hkdfSync, pbkdf2Sync } from 'node:crypto'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { exportPrivateKey } from '../../../node/crypto/private-key.ts'
import { principalOf } from '../../../node/crypto/principal.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import {
  expectSuccessor,
  GENERATION_MAX,
  RootKey,
  successorCommitment,
} from '../../../node/crypto/root-key.ts'
import { entropyOf, phraseOf, seedOf } from '../../../node/crypto/root-phrase.ts'
import { golden } from '../../golden/golden.ts'
import { compliance } from './credential-store.compliance.ts'
import { ascii, fixedKeys, hex, repeatable } from './fixed.ts'
import { expectNoSecret } from './spellings.ts'

const ZERO = `${'abandon '.repeat(23)}art`
const words = (phrase: string) => phrase.split(' ')

describe('a recovery phrase (BIP-39)', () => {
  // Test vectors of the reference implementation, 256 bits.
  const VECTORS = [
    ['00'.repeat(32), ZERO],
    [
      '7f'.repeat(32),
      `${'legal winner thank year wave sausage worth useful '.repeat(2)}legal winner thank year wave sausage worth title`,
    ],
    ['ff'.repeat(32), `${'zoo '.repeat(23)}vote`],
    [
      '68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c',
      'hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length',
    ],
  ] as const
  for (const [entropy, phrase] of VECTORS)
    it(`is ${phrase.slice(0, 24)}… for ${entropy.slice(0, 8)}…`, () => {
      assert.equal(phraseOf(hex(entropy)), phrase)
      assert.deepEqual(entropyOf(phrase), hex(entropy))
    })

  it('gives the seed that the standard says', async () => {
    const seed = pbkdf2Sync(ZERO, 'mnemonic', 2048, 64, 'sha512')
    assert.deepEqual(await seedOf(new Uint8Array(32)), new Uint8Array(seed))
    assert.match(seed.toString('hex'), /^408b285c123836004f4b8842c89324c1/)
  })

  it('is read as people write it', () => {
    const typed = `\n ${words(ZERO).slice(0, 12).join('\t')}  \r\n${words(ZERO).slice(12).join('\n').toUpperCase()}\n`
    assert.deepEqual(entropyOf(typed), new Uint8Array(32))
  })

  it('comes back for any entropy', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), entropy => {
        assert.deepEqual(entropyOf(phraseOf(entropy)), entropy)
      }),
    )
  })

  for (const count of [0, 1, 12, 23, 25, 48])
    it(`of ${count} words is refused`, () => {
      const phrase = 'abandon '.repeat(count)
      assert.throws(() => entropyOf(phrase), { name: 'RootError', code: 'ROOT_PHRASE_LENGTH' })
    })

  it('with a misspelled word is refused by the word’s place, without the word', () => {
    const phrase = words(ZERO).with(6, 'abandn').with(11, 'sekret').join(' ')
    assert.throws(() => entropyOf(phrase), {
      name: 'RootError',
      code: 'ROOT_PHRASE_WORD',
      message: /^word 7, 12 is not in the list/,
    })
    assert.throws(
      () => entropyOf(phrase),
      (error: Error) => !/abandn|sekret/.test(inspect(error)),
    )
  })

  it('with another word of the list, or two exchanged, is refused nearly always', () => {
    const phrase = words(phraseOf(repeatable('phrase')(32)))
    let refused = 0
    for (let i = 0; i < 24; i++) {
      const other = wordlist[(wordlist.indexOf(phrase[i]!) + 1) % wordlist.length]!
      for (const wrong of [
        phrase.with(i, other),
        phrase.with(i, phrase[(i + 1) % 24]!).with((i + 1) % 24, phrase[i]!),
      ])
        try {
          entropyOf(wrong.join(' '))
        } catch (error) {
          assert.equal((error as { code: string }).code, 'ROOT_PHRASE_CHECKSUM')
          refused++
        }
    }
    // One in 256 has the right check byte by chance; these 48 are the same in every run.
    assert.equal(refused, 48)
  })
})

describe('a root key', () => {
  it('is derived as documented, by means of other code', async () => {
    const seed = pbkdf2Sync(ZERO, 'mnemonic', 2048, 64, 'sha512')
    const derive = (info: string) =>
      new Uint8Array(hkdfSync('sha256', seed, 'blocktree root key 1', info, 32))
    for (const generation of [0, 7]) {
      const { sign, decrypt } = await RootKey.fromPhrase(ZERO, generation).keys()
      assert.deepEqual(exportPrivateKey(sign).subarray(1), derive(`sign ed25519 ${generation}`))
      assert.deepEqual(
        exportPrivateKey(decrypt).subarray(1),
        derive(`decrypt x25519 ${generation}`),
      )
    }
  })

  it('is for ever the same for a phrase: the golden file', async () => {
    const lines: string[] = []
    for (const phrase of [ZERO, phraseOf(repeatable('golden')(32))])
      for (const generation of [0, 1, GENERATION_MAX]) {
        const { sign, decrypt } = await RootKey.fromPhrase(phrase, generation).keys()
        lines.push(
          JSON.stringify({
            phrase,
            generation,
            principal: principalOf(sign.publicKey),
            sign: Buffer.from(sign.publicKey.bytes).toString('hex'),
            decrypt: Buffer.from(decrypt.publicKey.bytes).toString('hex'),
            commitment: Buffer.from(successorCommitment(sign.publicKey)).toString('hex'),
          }),
        )
      }
    const made = ascii(`[\n${lines.join(',\n')}\n]\n`)
    assert.deepEqual(made, golden('crypto/root-keys.json', made))
  })

  it('is new each time, and comes back from its phrase', async () => {
    const [a, b] = [RootKey.create(systemRandom), RootKey.create(systemRandom)]
    const principals = await Promise.all(
      [a, b, RootKey.fromPhrase(a.phrase())].map(async root =>
        principalOf((await root.keys()).sign.publicKey),
      ),
    )
    assert.notEqual(principals[0], principals[1])
    assert.equal(principals[0], principals[2])
  })

  it('is succeeded by the key whose hash was announced, and by no other', async () => {
    const root = RootKey.fromPhrase(ZERO)
    const next = root.successor()
    assert.equal(next.generation, 1)
    const { sign } = await next.keys()
    const commitment = successorCommitment(sign.publicKey)
    expectSuccessor(commitment, sign.publicKey)
    const others = [
      (await root.keys()).sign,
      (await next.successor().keys()).sign,
      fixedKeys('P-256').sign,
    ]
    for (const { publicKey } of others)
      assert.throws(() => expectSuccessor(commitment, publicKey), {
        name: 'RootError',
        code: 'ROOT_SUCCESSOR_OTHER',
      })
    assert.throws(() => expectSuccessor(commitment.subarray(0, 33), sign.publicKey), {
      code: 'ROOT_SUCCESSOR_OTHER',
    })
  })

  it('has no generation below 0, above 9999 or between numbers', () => {
    for (const generation of [-1, 0.5, NaN, GENERATION_MAX + 1])
      assert.throws(() => RootKey.fromPhrase(ZERO, generation), RangeError)
    assert.throws(() => RootKey.fromPhrase(ZERO, GENERATION_MAX).successor(), RangeError)
  })

  it('shows neither entropy nor words', () => {
    const entropy = repeatable('shown')(32)
    const root = RootKey.fromPhrase(phraseOf(entropy))
    const options = { depth: 9, showHidden: true, getters: true }
    const shown = `${root} ${JSON.stringify(root)} ${inspect(root, options)} ${inspect({ ...root })}`
    expectNoSecret(shown, entropy)
    assert.ok(!shown.includes(words(root.phrase())[0]!))
  })

  it('is of no use once wiped', async () => {
    const root = RootKey.create(systemRandom)
    root.wipe()
    root.wipe()
    const wiped = { name: 'RootError', code: 'ROOT_WIPED' }
    assert.throws(() => root.phrase(), wiped)
    assert.throws(() => root.successor(), wiped)
    await assert.rejects(root.keys(), wiped)
    await assert.rejects(root.open(), wiped)
  })
})

let last: RootKey
let secrets: Uint8Array[] = []
compliance('a root key in memory', {
  create: async () => {
    last = RootKey.create(systemRandom)
    const keys = await last.keys()
    secrets = [keys.sign, keys.decrypt].map(key => exportPrivateKey(key).subarray(1))
    return last.open()
  },
  reopen: () => last.open(),
  secrets: () => secrets,
})
