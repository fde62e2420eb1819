/** What of a single block is not as its header says. */
import { checkSectorEpoch } from '../block/rules.ts'
import { isHole } from '../block/merkle-hash.ts'
import { weightOf, type Entry } from './bucket.ts'
import { bucketOf, hashOf } from './linear-hash.ts'
import type { Means } from './means.ts'
import type { OpenBlock } from './open-block.ts'

/** Told of each fault: the code, and what is wrong in words, without the path. */
export type Report = (code: string, says: string) => void

/** Reads all of a file. @returns how many bytes could be read. */
export async function checkContent(
  { store }: Means,
  block: OpenBlock,
  report: Report,
): Promise<number> {
  const { header } = block.base!
  const { size } = block.attributes
  const { sectorSize, sectors } = header
  if (block.kind === 'symlink') {
    if (block.attributes.target === undefined) report('TREE_DAMAGED', 'the symlink leads nowhere')
    return 0
  }
  if (sectors !== Math.ceil(size / sectorSize))
    report('TREE_DAMAGED', `it has ${size} bytes, but ${sectors} sectors of ${sectorSize}`)
  let read = 0
  for (let i = 0; i < sectors; i++) {
    const [from, to] = [i * sectorSize, Math.min((i + 1) * sectorSize, size)]
    try {
      const leaf = await block.content.leaf(i)
      if (!isHole(leaf)) {
        checkSectorEpoch(header, (await store.pieces([leaf]))[0]!)
        await block.content.read(i)
      }
      read += Math.max(0, to - from)
    } catch (error) {
      report(codeOf(error), `bytes ${from} to ${to} are lost: ${(error as Error).message}`)
    }
  }
  return read
}

/** Reads all names of a directory. @returns those that can be read, and whether nothing was wrong. */
export async function checkNames(
  block: OpenBlock,
  report: Report,
): Promise<{ readonly entries: readonly Entry[]; readonly isRight: boolean }> {
  const all = new Map<string, Entry>()
  let faults = 0
  const found: Report = (code, says) => {
    faults++
    report(code, says)
  }
  const { names } = block
  for (let i = 0; i < names.state.buckets; i++)
    try {
      for (const [name, entry] of await names.bucket(i)) {
        if (bucketOf(hashOf(name), names.state.buckets) !== i)
          found('TREE_DAMAGED', `the name ${JSON.stringify(name)} is where nobody looks for it`)
        all.set(name, entry)
      }
    } catch (error) {
      found(codeOf(error), `some names are lost: ${(error as Error).message}`)
    }
  const entries = [...all.values()]
  const weight = entries.reduce((sum, { name }) => sum + weightOf(name), 0)
  if (faults === 0 && entries.length !== names.state.entries)
    found('TREE_DAMAGED', `it has ${entries.length} names, but says ${names.state.entries}`)
  else if (faults === 0 && weight !== names.state.weight)
    found('TREE_DAMAGED', `its names weigh ${weight}, but it says ${names.state.weight}`)
  return { entries, isRight: faults === 0 }
}

/** @throws what is no fault of the data. */
function codeOf(error: unknown): string {
  const { code } = error as Error & { code?: unknown }
  if (typeof code === 'string' && /^(BLOCK|STORE|CODEC|SEALED|TREE|KEY)_/.test(code)) return code
  throw error
}
