/**
 * Recovery phrases: 24 words of BIP-39's English list for 32 bytes of entropy and a check byte.
 * Source: BIP-39.
 */
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedWebcrypto } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { RootError } from './root-error.ts'

export const ENTROPY_BYTES = 32
const WORDS = 24

/** The phrase for 32 bytes: 24 words with a space between each. */
export function phraseOf(entropy: Uint8Array): string {
  return entropyToMnemonic(entropy, wordlist)
}

/**
 * The 32 bytes of a phrase as a person types it: in small or capital letters, over several lines.
 * Messages name a word by its place only, as a phrase is a secret.
 *
 * @throws {RootError} `ROOT_PHRASE_LENGTH`, `ROOT_PHRASE_WORD`, `ROOT_PHRASE_CHECKSUM`.
 */
export function entropyOf(phrase: string): Uint8Array {
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length !== WORDS)
    throw new RootError(
      'ROOT_PHRASE_LENGTH',
      `found ${words.length} words, expected the ${WORDS} of the recovery phrase`,
    )
  const wrong = words.flatMap((word, i) => (wordlist.includes(word) ? [] : [i + 1]))
  if (wrong.length > 0)
    throw new RootError(
      'ROOT_PHRASE_WORD',
      `word ${wrong.join(', ')} is not in the list of words, check how it is spelled`,
    )
  try {
    return mnemonicToEntropy(words.join(' '), wordlist)
  } catch {
    throw new RootError(
      'ROOT_PHRASE_CHECKSUM',
      'the words do not fit together: one is another word of the list, or two are exchanged',
    )
  }
}

/** BIP-39's seed without a passphrase: PBKDF2-HMAC-SHA512, 2048 rounds, 64 bytes. */
export function seedOf(entropy: Uint8Array): Promise<Uint8Array> {
  return mnemonicToSeedWebcrypto(phraseOf(entropy))
}
