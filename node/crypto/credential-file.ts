/**
 * A node's keys in a file, for machines without a TPM and for tests.
 *
 * Who can read the file is the node: it is protected by its mode (0600, in a folder of 0700) and by
 * whatever encrypts the disk, not by a passphrase, as a node starts without a person.
 *
 * Layout: `blocktree credentials 1` and a line feed, ASCII (24 bytes) | SHA-256 of the rest (32) |
 * DAG-CBOR {sign: 33 bytes, decrypt: 33 bytes, record: the signed PrincipalRecord}.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CodecError } from '../codec/error.ts'
import { format } from '../codec/format.ts'
import { object } from '../codec/object.ts'
import { bytes } from '../codec/scalars.ts'
import { type Algorithms, generateKeyPairs, type KeyPairs, recordOf, storeOf } from './key-pairs.ts'
import { equal, join, wipe } from './bytes.ts'
import { CredentialError, type CredentialStore } from './credential-store.ts'
import { CryptoError } from './error.ts'
import { HASH_BYTES, sha256 } from './hash.ts'
import { principalRecord } from './principal-record.ts'
import { exportPrivateKey, PrivateKey } from './private-key.ts'
import type { Random } from './random.ts'
import { writeNew } from './write-new.ts'

const FIRST_LINE = new TextEncoder().encode('blocktree credentials 1\n')
const BODY = FIRST_LINE.length + HASH_BYTES

const body = format(
  'credentials',
  object({
    sign: bytes({ length: 33 }),
    decrypt: bytes({ length: 33 }),
    record: bytes({ max: principalRecord.maxBytes }),
  }),
)

/**
 * Makes new keys and the file that holds them, which is complete or not there at all.
 *
 * @throws {CredentialError} `CREDENTIALS_EXIST`.
 * @throws {Error} of the file system, with its own code, as `ENOSPC`.
 */
export async function createCredentialFile(
  path: string,
  algorithms: Algorithms,
  random: Random,
): Promise<CredentialStore> {
  const keys = generateKeyPairs(algorithms, random)
  const record = await recordOf(keys)
  const [sign, decrypt] = [exportPrivateKey(keys.sign), exportPrivateKey(keys.decrypt)]
  const encoded = body.encode({ sign, decrypt, record })
  const file = join(FIRST_LINE, sha256(encoded), encoded)
  try {
    if (!writeNew(path, file))
      throw new CredentialError(
        'CREDENTIALS_EXIST',
        `${path} is there already: keys are never overwritten, move it away`,
      )
  } finally {
    wipe(sign, decrypt, encoded, file)
  }
  return storeOf('file', keys, record)
}

/**
 * Opens the file at `path`.
 *
 * @throws {CredentialError} `CREDENTIALS_MISSING`, `CREDENTIALS_EXPOSED`, `CREDENTIALS_DAMAGED`,
 *   `CREDENTIALS_VERSION`.
 */
export async function openCredentialFile(path: string): Promise<CredentialStore> {
  const file = readPrivate(path)
  try {
    const { keys, record } = parse(path, file)
    return storeOf('file', keys, record)
  } finally {
    wipe(file)
  }
}

function parse(path: string, file: Uint8Array): { keys: KeyPairs; record: Uint8Array } {
  const damaged = (why: string) =>
    new CredentialError('CREDENTIALS_DAMAGED', `${path}: ${why}; restore it from a backup`)
  const line = Buffer.from(file.subarray(0, FIRST_LINE.length)).toString('latin1')
  if (!equal(file.subarray(0, FIRST_LINE.length), FIRST_LINE)) {
    const version = /^blocktree credentials (\d{1,4})\b/.exec(line)?.[1]
    if (version === undefined || version === '1') throw damaged('does not begin as such files do')
    const advice = 'is a newer blocktree installed elsewhere?'
    const message = `${path} is of version ${version}, this program reads 1; ${advice}`
    throw new CredentialError('CREDENTIALS_VERSION', message)
  }
  const encoded = file.subarray(BODY)
  if (!equal(file.subarray(FIRST_LINE.length, BODY), sha256(encoded)))
    throw damaged('its check sum is wrong')
  try {
    const { sign, decrypt, record } = body.decode(encoded)
    const keys = {
      sign: PrivateKey.from('sign', sign),
      decrypt: PrivateKey.from('decrypt', decrypt),
    }
    wipe(sign, decrypt)
    const stated = principalRecord.open(record)
    if (!stated.sign.equals(keys.sign.publicKey) || !stated.decrypt.equals(keys.decrypt.publicKey))
      throw damaged('its record is about other keys')
    return { keys, record }
  } catch (error) {
    if (error instanceof CodecError || error instanceof CryptoError) throw damaged(error.message)
    throw error
  }
}

/** A file that only its owner may read or write, of at most as many bytes as there can be. */
function readPrivate(path: string): Uint8Array {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new CredentialError('CREDENTIALS_MISSING', `${path} is not there: was the node set up?`)
  }
  try {
    const { mode, uid } = fstatSync(fd)
    if ((mode & 0o077) !== 0 || (uid !== process.geteuid?.() && uid !== 0))
      throw new CredentialError(
        'CREDENTIALS_EXPOSED',
        `${path} has mode ${(mode & 0o777).toString(8)} and owner ${uid}, others may know the keys: ` +
          'if none did, chmod 600',
      )
    const most = new Uint8Array(BODY + body.limits.bytes + 1)
    return most.subarray(0, readSync(fd, most, 0, most.length, 0))
  } finally {
    closeSync(fd)
  }
}
