/** Root keys on the command line: made, opened, sealed; nothing here outlives the command. */
import { accessSync } from 'node:fs'
import { dirname } from 'node:path'
import { exportRoot, importRoot } from '../crypto/root-backup.ts'
import { RootKey } from '../crypto/root-key.ts'
import { systemRandom } from '../crypto/random.ts'
import { writeNew } from '../crypto/write-new.ts'
import type { Client } from '../rpc/client.ts'
import type { Io } from './command.ts'
import { passphrase, readText } from './files.ts'
import { withFile } from './own-file.ts'
import { LineError } from './parse.ts'

/** What the node is given of a root key: enough to act for it once, and the file to keep. */
export type Handed = {
  readonly phrase: string
  readonly generation: number
  /** An age file, for who knows the passphrase. */
  readonly file: string
}

type FileOption = string | true | undefined

const FILE_MAX = 64 * 1024

/** Asked before a person has typed a passphrase twice for nothing. */
export async function expectNoRoot(client: Client): Promise<void> {
  const { principal, key } = await client.call('root.show', {})
  if (principal !== undefined && key)
    throw new LineError('LINE_VALUE', `this node has the root key of ${principal} already`)
}

/** A new root key. */
export async function make(io: Io, passphraseFile: FileOption): Promise<Handed> {
  const words = await passphrase(io, passphraseFile, 'A passphrase for the root key', true)
  return sealed(RootKey.create(systemRandom), words)
}

export async function fromPhrase(
  io: Io,
  phraseFile: FileOption,
  passphraseFile: FileOption,
): Promise<Handed> {
  const phrase =
    typeof phraseFile === 'string'
      ? await readText(phraseFile, 4096)
      : await io.secret('The 24 words of the recovery phrase: ')
  const key = RootKey.fromPhrase(phrase)
  return sealed(key, await passphrase(io, passphraseFile, 'A passphrase for the root key', true))
}

export async function fromBackup(
  io: Io,
  path: string,
  passphraseFile: FileOption,
): Promise<Handed> {
  const file = await readText(path, FILE_MAX)
  return opened(file, await passphrase(io, passphraseFile, 'Passphrase of the backup'))
}

/** The key in the node's directory. */
export async function held(io: Io, client: Client, passphraseFile: FileOption): Promise<Handed> {
  const { file } = await client.call('root.file', {})
  return opened(file, await passphrase(io, passphraseFile, 'Passphrase of the root key'))
}

/** The phrase and generation of the key that is held, and the file of the one that follows it. */
export async function successor(
  io: Io,
  client: Client,
  passphraseFile: FileOption,
): Promise<Handed> {
  const { file } = await client.call('root.file', {})
  const words = await passphrase(io, passphraseFile, 'Passphrase of the root key')
  const { phrase, generation } = await opened(file, words)
  const next = await sealed(RootKey.fromPhrase(phrase, generation + 1), words)
  return { phrase, generation, file: next.file }
}

/** A new file of mode 0600 in a folder that is there. @throws {LineError} `LINE_VALUE`; {FileError}. */
export async function writeSecret(path: string, text: string): Promise<void> {
  const write = () => {
    // No folder is made: a slip in the name of a stick would put the key onto this disk.
    accessSync(dirname(path))
    return writeNew(path, Buffer.from(text))
  }
  if (!(await withFile(path, 'write', write)))
    throw new LineError('LINE_VALUE', `${path} is there already: keys never replace a file`)
}

async function sealed(key: RootKey, words: string): Promise<Handed> {
  try {
    const file = Buffer.from(await exportRoot(key, words, systemRandom)).toString('latin1')
    return { phrase: key.phrase(), generation: key.generation, file }
  } finally {
    key.wipe()
  }
}

async function opened(file: string, words: string): Promise<Handed> {
  const key = await importRoot(Buffer.from(file, 'latin1'), words)
  try {
    return { phrase: key.phrase(), generation: key.generation, file }
  } finally {
    key.wipe()
  }
}
