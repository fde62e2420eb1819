/**
 * What a node says about itself: the body of `GET /api/status`, of `blocktree status --json`, and
 * what the first page of the web app shows. Types only, so that browser code may import them.
 */

/** `good`: as it should be. `notice`: the household may want to know. `problem`: somebody must act. */
export type Level = 'good' | 'notice' | 'problem'

/** One thing said in words. `code` never changes once released; words may. */
export type Finding = {
  readonly code: string
  readonly level: Level
  /** A few words, no full stop: `No TPM found`. */
  readonly title: string
  /** One sentence for people who don't know what a TPM is. */
  readonly detail: string
}

export type Address = {
  /** `10.77.0.1` or `fd00::1`, without prefix length. */
  readonly address: string
  readonly prefix: number
  readonly family: 4 | 6
  /** Link-local addresses reach only the next device. */
  readonly scope: 'global' | 'private' | 'link'
}

export type Interface = {
  readonly name: string
  readonly kind: 'ethernet' | 'wifi' | 'bridge' | 'tunnel' | 'virtual'
  /** `internet` carries a default route. */
  readonly role: 'internet' | 'local'
  readonly link: 'up' | 'down' | 'unknown'
  /** Mbit/s; absent when the driver doesn't say. */
  readonly speed?: number
  /** `52:54:00:12:34:56`; absent on interfaces without one. */
  readonly mac?: string
  readonly addresses: readonly Address[]
}

export type Slot = 'a' | 'b' | 'unknown'
export type Verity = 'on' | 'off' | 'unknown'

export type Tpm =
  | { readonly present: false }
  | { readonly present: true; readonly version: '1.2' | '2.0' | 'unknown' }

/** Bytes. `available` is what programs can still get without swapping. */
export type Memory = { readonly total: number; readonly available: number }

export type Status = {
  /** Host name. */
  readonly name: string
  readonly version: string
  /** ISO 8601, UTC, by the node's own clock. */
  readonly time: string
  /** Seconds since the kernel started. */
  readonly uptime?: number
  readonly slot: Slot
  readonly verity: Verity
  readonly tpm: Tpm
  readonly memory?: Memory
  readonly network: readonly Interface[]
  /** Worst of {@link findings}. */
  readonly level: Level
  readonly findings: readonly Finding[]
}
