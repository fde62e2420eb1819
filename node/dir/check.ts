/**
 * fsck of a node directory: the store, then the tree. With repairing it is looked at again until
 * nothing more can be put right, so `repaired` means that it was not found any more.
 */
import type { CheckOptions, Finding } from '../tree/check.ts'
import type { NodeDirectory } from './open.ts'

export type CheckedDirectory = {
  /** Versions of blocks in the store, in all trees, and what they consist of. */
  readonly blocks: number
  readonly pieces: number
  /** In the order in which they were found. */
  readonly findings: readonly Finding[]
}

/** A repair may bring something to light; what is left after as many passes stays. */
const PASSES = 4

/** @throws the signal's reason, {StoreError} of a store that can't be read at all. */
export async function checkDirectory(
  { tree }: Pick<NodeDirectory, 'tree'>,
  { repair = false, ...options }: Pick<CheckOptions, 'repair' | 'progress' | 'signal'> = {},
): Promise<CheckedDirectory> {
  const all = new Map<string, Finding>()
  let before: readonly string[] = []
  for (let pass = 1; ; pass++) {
    const { versions: blocks, pieces, findings } = await tree.check({ ...options, repair })
    const names = findings.map(nameOf)
    for (const finding of findings) if (!all.has(nameOf(finding))) all.set(nameOf(finding), finding)
    const isDone = names.length === 0 || names.join() === before.join()
    if (!repair || isDone || pass === PASSES) {
      const left = new Set(names)
      const told = [...all].map(([name, one]) => ({ ...one, repaired: !left.has(name) }))
      return { blocks, pieces, findings: told }
    }
    before = names
  }
}

function nameOf({ code, says }: Finding): string {
  return `${code} ${says}`
}
