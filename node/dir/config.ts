/**
 * `config.json` of a node directory: what its owner may change, in JSON, no field that is not known.
 *
 *     {"v": 1, "root": "k51…", "quota": 1000000000}
 *
 * `root`: whose tree is the node's own, missing until there is one. `quota`: bytes the store may take.
 */
import { readFileSync } from 'node:fs'
import { Refusal } from '../codec/error.ts'
import { as } from '../codec/list.ts'
import { object, optional } from '../codec/object.ts'
import { constant, text, uint } from '../codec/scalars.ts'
import type { Infer } from '../codec/schema.ts'
import { parsePrincipal } from '../crypto/principal.ts'
import { DirError } from './error.ts'
import { replaceFile } from './replace.ts'

const BYTES_MAX = 64 * 1024

/** Less would not hold a tree. */
const QUOTA_MIN = 1_000_000

const schema = object({
  v: constant(1),
  root: optional(as(text({ max: 64 }), parsePrincipal, String)),
  quota: optional(uint({ min: QUOTA_MIN, max: Number.MAX_SAFE_INTEGER })),
})

export type Config = Infer<typeof schema>

/** @throws {DirError} `DIR_MISSING`, `DIR_CONFIG` naming the field, `DIR_VERSION`. */
export function readConfig(path: string): Config {
  const wrong = (why: string) => new DirError('DIR_CONFIG', `${path}: ${why}`)
  let json: string
  try {
    json = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new DirError('DIR_MISSING', `${path} is not there: blocktree init makes a node directory`)
  }
  if (json.length > BYTES_MAX) throw wrong(`it has more than ${BYTES_MAX} bytes`)
  let given: unknown
  try {
    given = JSON.parse(json)
  } catch (error) {
    throw wrong(`it is not JSON: ${(error as Error).message}`)
  }
  const version = (given as { v?: unknown } | null)?.v
  if (Number.isSafeInteger(version) && (version as number) > 1)
    throw new DirError(
      'DIR_VERSION',
      `${path} is of version ${version}, this program reads 1: update it`,
    )
  try {
    return schema.read(given)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw wrong(`${error.path.replace(/^\./, '') || 'the file'}: ${error.detail}`)
  }
}

/** Durable, and never half there. */
export function writeConfig(path: string, config: Config): void {
  replaceFile(path, Buffer.from(`${JSON.stringify(config, null, 2)}\n`))
}
