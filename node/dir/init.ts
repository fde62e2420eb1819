/** Makes a node directory: the node's keys and its configuration. Asks nothing. */
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { ED25519, X25519 } from '../crypto/algorithm.ts'
import { createCredentialFile, openCredentialFile } from '../crypto/credential-file.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Random } from '../crypto/random.ts'
import { writeConfig } from './config.ts'
import { DirError } from './error.ts'
import { inside } from './place.ts'

/** What a folder may hold and still become a node directory: what a killed `init` left, and mounts. */
const HARMLESS = /^(credentials(\..*\.new)?|config\.json\..*\.new|lost\+found)$/

/**
 * Makes `path` a node directory; it may be missing or empty. One that was begun is completed.
 *
 * @returns the node's principal.
 * @throws {DirError} `DIR_EXISTS`, `DIR_FOREIGN`.
 */
export async function initDirectory(path: string, random: Random): Promise<Principal> {
  const { config, credentials } = inside(path)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (existsSync(config))
    throw new DirError('DIR_EXISTS', `${path} is a node directory already: it is left as it is`)
  const foreign = readdirSync(path).find(name => !HARMLESS.test(name))
  if (foreign !== undefined)
    throw new DirError('DIR_FOREIGN', `${path} holds ${foreign}: choose an empty or a new folder`)
  chmodSync(path, 0o700)
  const store = existsSync(credentials)
    ? await openCredentialFile(credentials)
    : await createCredentialFile(credentials, { sign: ED25519, decrypt: X25519 }, random)
  const { principal } = store
  await store.close()
  // Last: with it the directory is one.
  writeConfig(config, { v: 1 })
  return principal
}

/** True for a missing or empty folder, and for one that an `init` began. */
export function isFresh(path: string): boolean {
  return !existsSync(path) || readdirSync(path).every(name => HARMLESS.test(name))
}
