/**
 * Everything a node can be asked over a connection: each method's parameters, as they are checked, and
 * its result. `Service` is who does it. Times are ms since 1970, sizes bytes, paths as in
 * `node/tree/path.ts`, principals their texts, block ids and hashes hex.
 */
import { as } from '../codec/list.ts'
import { object, optional } from '../codec/object.ts'
import { bool, text, u32, u53, uint } from '../codec/scalars.ts'
import type { Infer, Schema } from '../codec/schema.ts'
import { parsePrincipal } from '../crypto/principal.ts'
import type { CheckedDirectory } from '../dir/check.ts'
import type { Tidied } from '../dir/tidy.ts'
import type { StoreStatus } from '../store/store.ts'
import type { Entry } from '../tree/bucket.ts'
import type { AccessRequest } from '../tree/requests.ts'
import type { Resealed } from '../tree/reseal.ts'
import type { Share } from '../tree/share.ts'
import type { Stat } from '../tree/stat.ts'
import type { FileVersionInfo } from '../tree/versions.ts'
import type { Incoming, Outgoing } from './streams.ts'

/** 64 names of 255 bytes, and the tree. */
const path = text({ min: 1, max: 17_000 })
const principal = as(text({ min: 1, max: 64 }), parsePrincipal, String)
const hex = (bytes: number): Schema<string> =>
  as(
    text({ min: 2 * bytes, max: 2 * bytes }),
    plain => {
      if (/^[0-9a-f]+$/.test(plain)) return plain
      throw new Error(`expected ${2 * bytes} hex digits in small letters`)
    },
    String,
  )
const oneOf = <const T extends string>(...words: readonly T[]): Schema<T> =>
  as(
    text({ max: 32 }),
    plain => {
      if ((words as readonly string[]).includes(plain)) return plain as T
      throw new Error(`expected one of ${words.join(', ')}`)
    },
    String,
  )
const hash = hex(34)
const phrase = text({ min: 1, max: 1024 })
const stream = u32
const progress = optional(u32)
const mode = uint({ max: 0o7777 })
/** The token of a lease that the caller has. */
const lease = optional(u53)
const leaseMs = uint({ min: 1000, max: 24 * 60 * 60 * 1000 })
/** A version of a file or directory that the caller has seen: writing over another one is refused. */
const expected = optional(u53)

/**
 * A method: its parameters; `in` or `out` when bytes go to or from the node, on the stream that the
 * parameter `stream` names; `long` when it may take any time.
 */
type Shape<P = unknown> = {
  readonly params: Schema<P>
  readonly bulk?: 'in' | 'out'
  readonly long?: true
}
const method = <P, M extends Omit<Shape, 'params'>>(params: Schema<P>, more?: M) =>
  ({ params, ...more }) as Shape<P> & M

export const METHODS = {
  'node.status': method(object({})),
  /** The node's signed `PrincipalRecord`, in base64url. */
  'node.record': method(object({})),
  /** Throws away what nothing names any more. */
  'node.collect': method(object({}), { long: true }),
  'root.show': method(object({})),
  /** The age file with the root key, for who has its passphrase. */
  'root.file': method(object({})),
  /** Puts a root key in place; `tree` makes an empty tree that belongs to it. */
  'root.adopt': method(
    object({ phrase, generation: u32, file: text({ max: 65_536 }), tree: bool }),
  ),
  /** Puts the next root key in place of the one with this phrase. */
  'root.rotate': method(object({ phrase, generation: u32, file: text({ max: 65_536 }) })),

  'file.stat': method(object({ path, follow: optional(bool) })),
  /** A page of a directory; the answer's `cursor` asks for the next one. */
  'file.list': method(object({ path, cursor: optional(u32) })),
  /** The current version, or the one that is named. */
  'file.read': method(
    object({
      path,
      stream,
      offset: optional(u53),
      length: optional(u53),
      version: optional(hash),
    }),
    { bulk: 'out', long: true },
  ),
  /** Replaces a file, or makes it; nothing is seen of it before all is there. */
  'file.write': method(
    object({
      path,
      stream,
      expected,
      mode: optional(mode),
      create: optional(oneOf('never', 'only')),
      lease,
    }),
    { bulk: 'in', long: true },
  ),
  'file.mkdir': method(object({ path, parents: optional(bool) })),
  'file.move': method(object({ from: path, to: path, replace: optional(bool) })),
  'file.remove': method(object({ path, recursive: optional(bool) }), { long: true }),
  'file.link': method(object({ path, to: path })),
  'file.symlink': method(object({ path, target: text({ min: 1, max: 4096 }) })),
  'file.attributes': method(
    object({
      path,
      mode: optional(mode),
      modified: optional(u53),
      type: optional(text({ max: 255 })),
      lease,
    }),
  ),
  'file.versions': method(object({ path })),
  /** Makes one of a file's versions the current one. */
  'file.keep': method(object({ path, version: hash })),

  /** Lets a principal read; with `write` also write, until `expires`. `record` tells its keys. */
  'access.share': method(
    object({
      path,
      to: principal,
      write: optional(bool),
      expires: optional(u53),
      record: optional(text({ max: 8192 })),
    }),
  ),
  'access.unshare': method(object({ path, from: principal })),
  /** Who has a share of just this file or directory. */
  'access.shares': method(object({ path })),
  /** Asks the owner for access to a path. */
  'access.request': method(
    object({ path, write: optional(bool), note: optional(text({ max: 500 })) }),
  ),
  'access.requests': method(object({})),
  'access.approve': method(object({ id: hex(16), expires: optional(u53) })),
  'access.deny': method(object({ id: hex(16) })),
  /** Encrypts again, under the newest keys, what was written under older ones. */
  'access.reseal': method(object({ path, progress }), { long: true }),

  'lease.take': method(object({ path, ms: leaseMs })),
  'lease.renew': method(object({ path, token: u53, ms: leaseMs })),
  'lease.release': method(object({ path, token: u53 })),

  /** Sends `watch.changed` for every change at or below the path, until it is cancelled. */
  'watch.open': method(object({ path, watch: u32 }), { long: true }),
  check: method(object({ repair: optional(bool), progress }), { long: true }),
} as const satisfies Record<string, Shape<any>>

export type Method = keyof typeof METHODS
export type Params<M extends Method> = Infer<(typeof METHODS)[M]['params']>

export type Results = {
  'node.status': {
    readonly principal: string
    readonly root?: string
    readonly pid: number
    readonly connections: number
    readonly store: StoreStatus
    /** Keys of blocks that are held, and how often one was there when it was asked for. */
    readonly keys: { readonly held: number; readonly hits: number; readonly misses: number }
  }
  'node.record': { readonly principal: string; readonly record: string }
  'node.collect': Tidied
  'root.show': {
    readonly principal?: string
    /** Whether the key is in this directory, and whether the tree is in its store. */
    readonly key: boolean
    readonly tree: boolean
  }
  'root.file': { readonly file: string }
  'root.adopt': { readonly principal: string }
  'root.rotate': { readonly principal: string; readonly generation: number }
  'file.stat': Stat
  'file.list': { readonly entries: readonly Entry[]; readonly cursor?: number }
  'file.read': { readonly size: number; readonly generation: number }
  'file.write': { readonly size: number; readonly generation: number }
  'file.mkdir': null
  'file.move': null
  'file.remove': { readonly removed: number }
  'file.link': null
  'file.symlink': null
  'file.attributes': null
  'file.versions': { readonly versions: readonly FileVersionInfo[] }
  'file.keep': null
  /** `path`: what they call it. */
  'access.share': { readonly path: string; readonly expires?: number }
  'access.unshare': null
  'access.shares': { readonly shares: readonly Share[] }
  'access.request': AccessRequest
  'access.requests': { readonly requests: readonly AccessRequest[] }
  'access.approve': AccessRequest
  'access.deny': AccessRequest
  'access.reseal': Resealed
  'lease.take': { readonly token: number; readonly until: number }
  'lease.renew': { readonly token: number; readonly until: number }
  'lease.release': null
  'watch.open': null
  check: CheckedDirectory
}

/** What the node says unasked, while a call runs. */
export type Notices = {
  /** `progress` is the number the call named; `step` what is done now, counted from zero again. */
  progress: { readonly progress: number; readonly done: number; readonly step?: string }
  'watch.changed': { readonly watch: number; readonly path: string; readonly what: string }
}

/** What a method is done with besides its parameters. */
export type Call = {
  /** Aborted when the caller gives up, is gone, or the call took too long. */
  readonly signal: AbortSignal
  /** Of methods with `bulk: 'in'`. */
  readonly incoming: Incoming
  /** Of methods with `bulk: 'out'`. */
  readonly outgoing: Outgoing
  /** Resolves when the caller can take more. */
  notice<N extends keyof Notices>(name: N, params: Notices[N]): Promise<void>
}

export type Service = {
  readonly [M in Method]: (params: Params<M>, call: Call) => Promise<Results[M]>
}
