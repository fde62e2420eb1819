/** What every operation on a tree needs: where blocks are, whose keys are used, what is remembered. */
import type { CredentialStore } from '../crypto/credential-store.ts'
import type { Principal } from '../crypto/principal.ts'
import type { Random } from '../crypto/random.ts'
import type { Recent } from '../block/recent.ts'
import type { KeyCache } from '../store/key-cache.ts'
import type { Store } from '../store/store.ts'
import type { Authority } from './authority.ts'
import type { Names } from './name-table.ts'
import type { Trust } from './trust.ts'

/** Ms since 1970. */
export type Clock = () => number

export type Means = {
  readonly store: Store
  readonly credentials: CredentialStore
  /** What `ROOT` stands for in paths. */
  readonly own: Principal
  readonly random: Random
  readonly clock: Clock
  readonly trust: Trust
  readonly authority: Authority
  readonly keys: KeyCache
  /** Buckets of directories by the hashes of their sectors. */
  readonly buckets: Recent<string, Names>
}
