/**
 * Where an image comes from, as an in-toto Statement v1 with a SLSA Provenance v1 predicate
 * (in-toto.io, slsa.dev): what was asked for, every source by hash, what came out. There is no time
 * in it and no name of a machine, so that whoever builds the same again gets the same statement.
 * `docs/reproduce.md` explains the fields.
 */
import type { Context } from '../../recipes/recipe.ts'
import type { SourceFile } from '../engine/sources.ts'
import type { Checkout } from './checkout.ts'
import { debianPurl, npmPurl } from './purl.ts'

export type Resource = {
  readonly name?: string
  readonly uri?: string
  readonly digest: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, unknown>>
}

export type Statement = {
  readonly _type: 'https://in-toto.io/Statement/v1'
  readonly subject: readonly Resource[]
  readonly predicateType: 'https://slsa.dev/provenance/v1'
  readonly predicate: {
    readonly buildDefinition: {
      readonly buildType: string
      readonly externalParameters: Readonly<Record<string, string>>
      readonly internalParameters: Readonly<Record<string, string>>
      readonly resolvedDependencies: readonly Resource[]
    }
    readonly runDetails: {
      readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> }
    }
  }
}

const BUILD_TYPE = 'urn:blocktree:build:v1'
/** Any machine: nothing but the inputs decides what comes out. */
const BUILDER = 'urn:blocktree:bt'

export type Made = {
  readonly context: Context
  readonly checkout: Checkout
  /** What lay below `$src`, of every recipe that was needed. */
  readonly sources: Iterable<readonly SourceFile[]>
  /** npm packages that the engine itself runs on. */
  readonly packages: readonly { name: string; version: string; sha512: string }[]
  /** Released files with their SHA-256, in the order they are to be listed. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[]
}

export function statementOf({ context, checkout, sources, packages, files }: Made): Statement {
  const { board, profile, kernel, version, epoch } = context
  const inputs = new Map<string, Resource>()
  for (const list of sources)
    for (const file of list) {
      const resource = resourceOf(file)
      if (resource !== undefined) inputs.set(JSON.stringify(resource), resource)
    }
  for (const { name, version, sha512 } of packages) {
    const resource = { uri: npmPurl(name, version), digest: { sha512 } }
    inputs.set(JSON.stringify(resource), resource)
  }
  const { dirHash, commit, modified } = checkout
  const repository: Resource = {
    name: 'checkout',
    digest: { dirHash, ...(commit !== undefined && { gitCommit: commit }) },
    ...(modified && { annotations: { modified } }),
  }
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: files.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { board: board.name, profile, kernel, version },
        internalParameters: { sourceDateEpoch: String(epoch) },
        resolvedDependencies: [
          repository,
          ...[...inputs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource),
        ],
      },
      runDetails: {
        builder: { id: BUILDER, version: { bt: version, node: process.versions.node } },
      },
    },
  }
}

function resourceOf({ path, pin, origin }: SourceFile): Resource | undefined {
  const [algorithm, hex] = pin.split(':') as [string, string]
  const digest = { [algorithm]: hex }
  if (origin.kind === 'debian') return { uri: debianPurl(origin.locked), digest }
  if (origin.kind === 'npm') return { uri: npmPurl(origin.npm.name, origin.npm.version), digest }
  if (origin.kind === 'url') return { name: path, uri: origin.url, digest }
  return undefined
}
