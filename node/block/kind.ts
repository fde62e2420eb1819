/** What a block is: in clear in its header, as a word. */
import { as } from '../codec/list.ts'
import { text } from '../codec/scalars.ts'
import type { Schema } from '../codec/schema.ts'

export const KINDS = ['file', 'directory', 'symlink', 'program', 'record'] as const
export type Kind = (typeof KINDS)[number]

/** For formats. */
export const kindSchema: Schema<Kind> = as(
  text({ max: 16 }),
  plain => {
    const kind = KINDS.find(known => known === plain)
    if (kind !== undefined) return kind
    throw new Error(`found the kind ${JSON.stringify(plain)}, expected one of ${KINDS.join(', ')}`)
  },
  kind => kind,
)
