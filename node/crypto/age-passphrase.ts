/**
 * Passphrases of age files, by OpenSSL's scrypt: it works beside the event loop and is several times
 * faster than one in JavaScript, and what is wrong can be told apart.
 *
 * The stanza: `-> scrypt SALT LOGN`, the salt 16 bytes in base64; its body the file key, 16 bytes,
 * sealed with ChaCha20-Poly1305, nonce zero, under scrypt(passphrase, `age-encryption.org/v1/scrypt` |
 * salt, N = 2^LOGN, r = 8, p = 1). Source: age-encryption.org/v1, “The scrypt recipient type”.
 */
import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { Stanza, type Identity, type Recipient } from 'age-encryption'
import { join, wipe } from './bytes.ts'
import type { Random } from './random.ts'
import { RootError } from './root-error.ts'

const LABEL = new TextEncoder().encode('age-encryption.org/v1/scrypt')
const NONCE = new Uint8Array(12)
const CIPHER = 'chacha20-poly1305'
const TAG = { authTagLength: 16 }

/** Encrypts for whoever knows `passphrase`; `logN` 18 takes 256 MiB and about a second. */
export function passphraseRecipient(passphrase: string, logN: number, random: Random): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const salt = random(16)
      const key = await stretch(passphrase, salt, logN)
      const cipher = createCipheriv(CIPHER, key, NONCE, TAG)
      const body = join(cipher.update(fileKey), cipher.final(), cipher.getAuthTag())
      wipe(key)
      const saltText = Buffer.from(salt).toString('base64').replaceAll('=', '')
      return [new Stanza(['scrypt', saltText, `${logN}`], body)]
    },
  }
}

/**
 * Decrypts files with at most 2^`maxLogN` work; what is wrong is thrown as
 *
 * @throws {RootError} `ROOT_FILE_FOREIGN`, `ROOT_FILE_DAMAGED`, `ROOT_FILE_COSTLY`,
 *   `ROOT_PASSPHRASE_WRONG`.
 */
export function passphraseIdentity(passphrase: string, maxLogN: number): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const [stanza] = stanzas
      if (stanzas.length !== 1 || stanza?.args[0] !== 'scrypt')
        throw new RootError(
          'ROOT_FILE_FOREIGN',
          'the file is encrypted for other recipients, expected one with a passphrase',
        )
      const [, saltText = '', logNText = ''] = stanza.args
      const salt = Buffer.from(saltText, 'base64')
      const right = stanza.args.length === 3 && /^[1-9]\d{0,8}$/.test(logNText)
      const plain = salt.toString('base64').replaceAll('=', '') === saltText
      if (!right || !plain || salt.length !== 16 || stanza.body.length !== 32)
        throw new RootError('ROOT_FILE_DAMAGED', 'the first lines of the file are damaged')
      const logN = Number(logNText)
      if (logN > maxLogN)
        throw new RootError(
          'ROOT_FILE_COSTLY',
          `the file asks for work factor ${logN}, at most ${maxLogN} is done: ` +
            'no backup of ours has more, do not trust it',
        )
      return unwrap(await stretch(passphrase, salt, logN), stanza.body)
    },
  }
}

function unwrap(key: Uint8Array, body: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(CIPHER, key, NONCE, TAG)
  decipher.setAuthTag(body.subarray(16))
  try {
    return join(decipher.update(body.subarray(0, 16)), decipher.final())
  } catch {
    throw new RootError(
      'ROOT_PASSPHRASE_WRONG',
      'the passphrase does not open the file: check how it is typed, and that it is this file’s',
    )
  } finally {
    wipe(key)
  }
}

const scryptAsync = promisify(
  scrypt as (
    password: string,
    salt: Uint8Array,
    length: number,
    options: { N: number; r: number; p: number; maxmem: number },
    done: (error: Error | null, key: Buffer) => void,
  ) => void,
)

function stretch(passphrase: string, salt: Uint8Array, logN: number): Promise<Buffer> {
  const N = 2 ** logN
  // 128 * r bytes for each of N, and a little for the rest.
  const options = { N, r: 8, p: 1, maxmem: 1024 * N + 2 ** 20 }
  return scryptAsync(passphrase, join(LABEL, salt), 32, options)
}
