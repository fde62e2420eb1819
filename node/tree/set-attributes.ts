/** Permissions, times and the like. */
import { TreeError } from './error.ts'
import { freshen } from './fresh.ts'
import type { TreePath } from './path.ts'
import { last, walk } from './walk.ts'
import type { Work } from './work.ts'

/** What is missing stays as it is. */
export type AttributeChange = {
  /** Permissions, as of POSIX: 12 bits. */
  readonly mode?: number
  /** Ms since 1970. */
  readonly modified?: number
  /** Content type (RFC 6838); empty to take it away. */
  readonly type?: string
  /** On how many nodes the owner wants it, 0 to 255; 0: as its parent. */
  readonly copies?: number
  /** Token of a lease. */
  readonly lease?: number
}

/** @throws {TreeError} `TREE_RANGE`, and as {@link walk}. */
export async function setAttributes(
  work: Work,
  path: TreePath,
  { mode, modified, type, copies, lease }: AttributeChange,
): Promise<void> {
  for (const [name, value, most] of [
    ['mode', mode, 0o7777],
    ['modified', modified, Number.MAX_SAFE_INTEGER],
    ['copies', copies, 255],
  ] as const)
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= most))
      throw new TreeError('TREE_RANGE', `${name} is ${value}, expected 0 to ${most}`)
  const trail = await walk(work, path, { follow: true })
  await freshen(work, trail)
  const block = last(trail)
  work.touch(block, lease)
  const { type: before, ...attributes } = block.attributes
  const now = type ?? before
  block.describeAnew({
    ...attributes,
    ...(mode !== undefined && { mode }),
    ...(modified !== undefined && { modified }),
    ...(now !== undefined && now !== '' && { type: now }),
  })
  if (copies !== undefined) block.copies = copies
  work.tell('written', block, path)
}
