/**
 * Backups of root keys: text in an age file with a passphrase, armored. The ordinary `age` program
 * opens it too (`age -d FILE`), and shows what a person needs to get the key back anywhere:
 *
 *     blocktree root key 1
 *     principal k51…
 *     generation 0
 *     phrase WORD WORD … (24 words)
 *
 * each line with a line feed, a space between words, nothing else. Source: age-encryption.org/v1.
 */
import { armor, Decrypter, Encrypter } from 'age-encryption'
import { passphraseIdentity, passphraseRecipient } from './age-passphrase.ts'
import { wipe } from './bytes.ts'
import { principalOf } from './principal.ts'
import type { Random } from './random.ts'
import { RootError } from './root-error.ts'
import { RootKey } from './root-key.ts'

export const PASSPHRASE_MIN = 10
/** scrypt's N is 2^18, as the `age` program has it: 256 MiB of memory, about a second. */
export const WORK_FACTOR = 18

const FILE_BYTES_MAX = 64 * 1024

/**
 * @param passphrase  at least 10 characters; taken as typed, in UTF-8.
 * @param logN        work factor, {@link WORK_FACTOR} but in tests.
 * @returns           the file, ASCII, about 700 bytes.
 * @throws {RootError} `ROOT_PASSPHRASE_SHORT`, `ROOT_WIPED`.
 */
export async function exportRoot(
  root: RootKey,
  passphrase: string,
  random: Random,
  logN = WORK_FACTOR,
): Promise<Uint8Array> {
  const length = [...passphrase].length
  if (length < PASSPHRASE_MIN)
    throw new RootError(
      'ROOT_PASSPHRASE_SHORT',
      `the passphrase has ${length} characters, expected at least ${PASSPHRASE_MIN}: ` +
        'five words nobody would put together are good',
    )
  const { sign } = await root.keys()
  const lines = [
    'blocktree root key 1',
    `principal ${principalOf(sign.publicKey)}`,
    `generation ${root.generation}`,
    `phrase ${root.phrase()}`,
  ]
  const plain = new TextEncoder().encode(lines.map(line => `${line}\n`).join(''))
  const encrypter = new Encrypter()
  encrypter.addRecipient(passphraseRecipient(passphrase, logN, random))
  try {
    return new TextEncoder().encode(armor.encode(await encrypter.encrypt(plain)))
  } finally {
    wipe(plain)
  }
}

/**
 * The root key of a backup, armored or not.
 *
 * @param maxLogN  how much work a file may ask for; checked before any is done.
 * @throws {RootError} `ROOT_FILE_FOREIGN`, `ROOT_FILE_VERSION`, `ROOT_FILE_COSTLY`,
 *   `ROOT_PASSPHRASE_WRONG`, `ROOT_FILE_DAMAGED`.
 */
export async function importRoot(
  file: Uint8Array,
  passphrase: string,
  maxLogN = WORK_FACTOR,
): Promise<RootKey> {
  const binary = unarmored(file)
  const version = /^age-encryption\.org\/v(\d{1,4})\n/.exec(latin1(binary, 32))?.[1]
  if (version === undefined)
    throw new RootError('ROOT_FILE_FOREIGN', 'the file is no age file, expected a backup')
  if (version !== '1')
    throw new RootError('ROOT_FILE_VERSION', `the file is of age version ${version}, expected 1`)
  const decrypter = new Decrypter()
  decrypter.addIdentity(passphraseIdentity(passphrase, maxLogN))
  const plain = await decrypter.decrypt(binary).catch((error: unknown) => {
    if (error instanceof RootError) throw error
    throw damaged()
  })
  try {
    return await parse(plain)
  } finally {
    wipe(plain)
  }
}

async function parse(plain: Uint8Array): Promise<RootKey> {
  const text = latin1(plain, 1024)
  const version = /^blocktree root key (\d{1,4})\n/.exec(text)?.[1]
  if (version === undefined)
    throw new RootError('ROOT_FILE_FOREIGN', 'the file opens, but what is inside is no root key')
  if (version !== '1')
    throw new RootError(
      'ROOT_FILE_VERSION',
      `the root key is of version ${version}, this program reads 1: update it`,
    )
  const layout = /^.*\nprincipal ([0-9a-z]+)\ngeneration (0|[1-9]\d{0,3})\nphrase ([a-z ]+)\n$/
  const [, principal, generation, phrase] = layout.exec(text) ?? []
  if (phrase === undefined) throw damaged()
  const root = rootOf(phrase, Number(generation))
  const { sign } = await root.keys()
  if (principalOf(sign.publicKey) === principal && root.phrase() === phrase) return root
  root.wipe()
  throw damaged()
}

function rootOf(phrase: string, generation: number): RootKey {
  try {
    return RootKey.fromPhrase(phrase, generation)
  } catch {
    throw damaged()
  }
}

function unarmored(file: Uint8Array): Uint8Array {
  if (file.length > FILE_BYTES_MAX)
    throw new RootError(
      'ROOT_FILE_FOREIGN',
      `the file has ${file.length} bytes, a backup has less than ${FILE_BYTES_MAX}`,
    )
  const text = latin1(file, FILE_BYTES_MAX)
  if (!/^\s*-----BEGIN AGE/.test(text)) return Uint8Array.from(file)
  try {
    return armor.decode(text)
  } catch {
    throw damaged()
  }
}

function latin1(bytes: Uint8Array, most: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, most)).toString(
    'latin1',
  )
}

function damaged(): RootError {
  return new RootError('ROOT_FILE_DAMAGED', 'the backup is damaged, take another copy of it')
}
