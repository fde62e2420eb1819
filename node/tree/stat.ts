/** What is told of a block: to whoever may read it. */
import type { CapabilityCache } from '../block/capability-cache.ts'
import type { BlockId } from '../block/id.ts'
import type { Kind } from '../block/kind.ts'
import type { Principal } from '../crypto/principal.ts'
import type { OpenBlock } from './open-block.ts'
import { whoWrote } from './who-wrote.ts'

export type Stat = {
  readonly path: string
  readonly id: BlockId
  readonly kind: Kind
  /** Bytes of a file or a symlink's target; 0 of a directory. */
  readonly size: number
  /** Permissions, as of POSIX: 12 bits. */
  readonly mode: number
  /** Ms since 1970. */
  readonly modified: number
  readonly created: number
  /** Of this version, from 1. */
  readonly generation: number
  /** Hash of this version, 34 bytes in hexadecimal digits. */
  readonly version: string
  /** Names that lead here. */
  readonly links: number
  /** Who wrote this version; see `whoWrote`. */
  readonly writer: Principal
  /** Of directories: how many names are in it. */
  readonly entries?: number
  /** Of symlinks. */
  readonly target?: string
  /** Content type (RFC 6838). */
  readonly type?: string
  /** Of files: bytes of a sector. */
  readonly sectorSize?: number
  /** Who may read it by a readcap of its own. */
  readonly readers: readonly Principal[]
}

/** @param block  as it is kept. */
export function statOf(block: OpenBlock, path: string, cache: CapabilityCache): Stat {
  const { header, hash } = block.base!
  const { size, mode, modified, created, target, type, entries = 0, links = 1 } = block.attributes
  const { kind } = block
  return {
    path,
    id: block.id,
    kind,
    size: kind === 'directory' ? 0 : target === undefined ? size : Buffer.byteLength(target),
    mode,
    modified,
    created,
    generation: Number(header.generation),
    version: Buffer.from(hash).toString('hex'),
    links,
    writer: whoWrote(header, cache),
    readers: header.readcaps.map(({ reader }) => reader),
    ...(kind === 'directory' && { entries }),
    ...(target !== undefined && { target }),
    ...(type !== undefined && { type }),
    ...(kind === 'file' && { sectorSize: header.sectorSize }),
  }
}
